"""Who sees the thread of a case, and who says something on it."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.db.work import Work
from backend.features.hotline.repository.seeing import HOLDERS, OWNER_SEES, OWNERS, STAFF_SEE
from backend.features.hotline.service import HOUSEHOLD, SEE, Refused, move
from backend.platform.process import Process
from backend.platform.threads import Appended, Asks, HotSight, Mine, NewEntry, append


class CaseSight(HotSight):
    """Decides on threads whose subject is a case: its household, staff by position, never whom it is about."""

    def __init__(self, process: Process) -> None:
        super().__init__(process.direct, process.clock)
        self._process = process

    def asks(self, caller: Caller, now: datetime) -> Asks:
        if caller.kind == "owner":
            return Asks(OWNER_SEES, (HOUSEHOLD,))
        return Asks(STAFF_SEE, (SEE, local_date(now)))

    async def may_write(self, caller: Caller, subject_id: UUID) -> bool:
        """Whoever sees it may say something."""
        return await self.sight(caller, subject_id) is not None

    async def speak(self, work: Work, caller: Caller, subject_id: UUID, entry: NewEntry) -> Appended:
        """While it waits for its owner, their word is the act that resumes it; else nothing follows from a line."""
        if caller.kind == "owner":
            with suppress(Refused):
                await move(self._process, work, caller, self._process.clock.now(), subject_id, "resume", {})
        return await append(work, entry)

    def mine(self, caller: Caller, _now: datetime) -> Mine:
        """An owner's are those they see; an employee's those in their hands."""
        if caller.kind == "owner":
            return Mine(OWNERS, (HOUSEHOLD,))
        return Mine(HOLDERS, ())
