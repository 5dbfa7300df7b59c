"""Who sees the thread of a conversation, and what happens when somebody speaks on one that sleeps or is over."""

from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.db.work import Work
from backend.features.chat.repository.seeing import OWNER_SEES, OWNERS, STAFF_SEE, STAFFS
from backend.features.chat.service import ANSWERING, SHARING, NobodyOnDuty, speak
from backend.platform.process import Process
from backend.platform.threads import Appended, Asks, Audience, HotSight, Mine, NewEntry, seen_by


class ConversationSight(HotSight):
    """Decides on threads whose subject is a conversation."""

    def __init__(self, process: Process, nobody_on_duty: NobodyOnDuty) -> None:
        self._process, self._nobody_on_duty = process, nobody_on_duty

    async def sight(self, caller: Caller, subject_id: UUID) -> Audience | None:
        """Whose it is and their household see what is meant for all, staff at their desk the rest too."""
        asked = self.asks(caller, self._process.clock.now())
        seen = await self._process.direct.row(asked.sql, subject_id, *asked.arguments)
        return seen_by(caller, "staff") if seen else None

    def asks(self, caller: Caller, now: datetime) -> Asks:
        """The same, within the statement of a hot read."""
        if caller.kind == "owner":
            return Asks(OWNER_SEES, (caller.account_id, SHARING))
        return Asks(STAFF_SEE, (caller.account_id, ANSWERING, local_date(now)))

    async def may_write(self, caller: Caller, subject_id: UUID) -> bool:
        """Whoever sees it may say something."""
        return await self.sight(caller, subject_id) is not None

    async def speak(self, work: Work, caller: Caller, subject_id: UUID, entry: NewEntry) -> Appended:
        """An owner's line wakes what was put off and opens what was closed; it is the first of what is written."""
        now = self._process.clock.now()
        return await speak(work, caller, now, subject_id, entry, self._nobody_on_duty)

    def mine(self, caller: Caller, now: datetime) -> Mine:
        """An owner's are those they see; an employee's those they take part in."""
        if caller.kind == "owner":
            return Mine(OWNERS, (caller.account_id, SHARING))
        return Mine(STAFFS, (caller.account_id, ANSWERING, local_date(now)))
