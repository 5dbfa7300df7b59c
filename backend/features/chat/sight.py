"""Who sees the thread of a conversation, and what happens when somebody speaks on one that sleeps or is over."""

from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.db.work import Work
from backend.features.chat.repository.seeing import OWNER_SEES, OWNERS, STAFF_SEE, STAFFS
from backend.features.chat.service import ANSWERING, SHARING, NobodyOnDuty, speak
from backend.platform.process import Process
from backend.platform.threads import Appended, Asks, HotSight, Mine, NewEntry


class ConversationSight(HotSight):
    """Decides on threads whose subject is a conversation."""

    def __init__(self, process: Process, nobody_on_duty: NobodyOnDuty) -> None:
        super().__init__(process.direct, process.clock)
        self._process, self._nobody_on_duty = process, nobody_on_duty

    def asks(self, caller: Caller, now: datetime) -> Asks:
        """Whose it is and their household see what is meant for all, staff at their desk the rest too."""
        if caller.kind == "owner":
            return Asks(OWNER_SEES, (SHARING,))
        return Asks(STAFF_SEE, (ANSWERING, local_date(now)))

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
            return Mine(OWNERS, (SHARING,))
        return Mine(STAFFS, (ANSWERING, local_date(now)))
