"""Who sees the thread of a visit, and who says something on it."""

from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.db.work import Work
from backend.features.visits.repository.seeing import OWNER_SEES, OWNERS, STAFF_SEE, VISITORS
from backend.features.visits.service import HOUSEHOLD, SEE
from backend.platform.process import Process
from backend.platform.threads import Appended, Asks, HotSight, Mine, NewEntry, append


class VisitSight(HotSight):
    """Decides on threads whose subject is a visit: whom it is for, who makes it, staff by scope."""

    def __init__(self, process: Process) -> None:
        super().__init__(process.direct, process.clock)

    def asks(self, caller: Caller, now: datetime) -> Asks:
        if caller.kind == "owner":
            return Asks(OWNER_SEES, (HOUSEHOLD,))
        return Asks(STAFF_SEE, (SEE, local_date(now)))

    async def may_write(self, caller: Caller, subject_id: UUID) -> bool:
        """Whoever sees it may say something."""
        return await self.sight(caller, subject_id) is not None

    async def speak(self, work: Work, _caller: Caller, _subject_id: UUID, entry: NewEntry) -> Appended:
        """Nothing follows from what is said on it."""
        return await append(work, entry)

    def mine(self, caller: Caller, _now: datetime) -> Mine:
        """An owner's are those they see; an employee's those in their hands."""
        if caller.kind == "owner":
            return Mine(OWNERS, (HOUSEHOLD,))
        return Mine(VISITORS, ())
