"""Who sees the record of a batch of defects: employees who oversee its project, and nobody else."""

from datetime import datetime
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.db.work import Work
from backend.features.people.service import roles_that_may
from backend.platform.process import Process
from backend.platform.threads import Appended, Asks, HotSight, Mine, NewEntry, append

_OVERSEE: Final = tuple(roles_that_may("oversee"))

# An account asks, always: so these find nothing.
_NO_OWNER: Final = "SELECT true FROM defect_batch b WHERE b.id = $1 AND $2::uuid IS NULL"
_NO_OWNERS: Final = "SELECT b.thread_id FROM defect_batch b WHERE $1::uuid IS NULL"
_STAFF: Final = """
SELECT true FROM defect_batch b JOIN node n ON n.id = b.project_id JOIN position p ON p.node_id = ANY (n.path)
WHERE b.id = $1 AND p.account_id = $2 AND p.role = ANY ($3) AND p.since <= $4 AND (p.until IS NULL OR p.until > $4)
LIMIT 1
"""
_MY_WORK: Final = """
SELECT t.id FROM thread_member m
JOIN thread t ON t.id = m.thread_id AND t.subject_kind = 'defect_batch'
JOIN defect_batch b ON b.id = t.subject_id
WHERE m.account_id = $1 AND b.project_id IN (
    SELECT n.id FROM node n JOIN position p ON p.node_id = ANY (n.path)
    WHERE p.account_id = $1 AND p.role = ANY ($2) AND p.since <= $3 AND (p.until IS NULL OR p.until > $3)
)
"""


class DefectBatchSight(HotSight):
    """Decides on threads whose subject is a batch of defects."""

    def __init__(self, process: Process) -> None:
        super().__init__(process.direct, process.clock)

    def asks(self, caller: Caller, now: datetime) -> Asks:
        if caller.kind == "owner":
            return Asks(_NO_OWNER, ())
        return Asks(_STAFF, (_OVERSEE, local_date(now)))

    async def may_write(self, caller: Caller, subject_id: UUID) -> bool:
        """Whoever sees it may note something."""
        return await self.sight(caller, subject_id) is not None

    async def speak(self, work: Work, _caller: Caller, _subject_id: UUID, entry: NewEntry) -> Appended:
        """Nothing follows from what is said on it."""
        return await append(work, entry)

    def mine(self, caller: Caller, now: datetime) -> Mine:
        """Those they have written on or read, while in their scope."""
        if caller.kind == "owner":
            return Mine(_NO_OWNERS, ())
        return Mine(_MY_WORK, (_OVERSEE, local_date(now)))
