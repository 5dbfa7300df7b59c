"""Who sees the record of a journey: its household as far as they see its dates, and staff whose scope it lies in.

Asked with every page of entries, so it is a part of that one statement.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.db.work import Work
from backend.features.people.service import HOUSEHOLD_ROLES, household_sees, roles_that_may
from backend.platform.process import Process
from backend.platform.threads import (
    Appended,
    Asks,
    HotSight,
    Mine,
    NewEntry,
    append,
)

_SEE_DATES: Final = tuple(role for role in HOUSEHOLD_ROLES if household_sees(role, "dates"))
_SEE_ESTATE: Final = tuple(roles_that_may("see_estate"))

# What is owed once in a project is told to every household in it.
_HOUSEHOLD: Final = """
SELECT true FROM journey j
JOIN ownership o ON o.id = j.ownership_id OR (j.ownership_id IS NULL AND o.project_id = j.project_id)
JOIN household_member m ON m.ownership_id = o.id
WHERE j.id = $1 AND m.account_id = $2 AND m.ended_at IS NULL AND o.ended_on IS NULL AND m.role = ANY ($3) LIMIT 1
"""
_STAFF: Final = """
SELECT true FROM journey j JOIN node n ON n.id = j.node_id JOIN position p ON p.node_id = ANY (n.path)
WHERE j.id = $1 AND p.account_id = $2 AND p.role = ANY ($3) AND p.since <= $4 AND (p.until IS NULL OR p.until > $4)
LIMIT 1
"""
_MY_HOMES: Final = """
SELECT j.thread_id FROM household_member m
JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
JOIN journey j ON j.ownership_id = o.id
WHERE m.account_id = $1 AND m.ended_at IS NULL AND m.role = ANY ($2)
UNION
SELECT j.thread_id FROM household_member m
JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
JOIN journey j ON j.project_id = o.project_id AND j.ownership_id IS NULL
WHERE m.account_id = $1 AND m.ended_at IS NULL AND m.role = ANY ($2)
"""
# Nodes are few beside journeys: those in scope are found once.
_MY_WORK: Final = """
SELECT t.id FROM thread_member m
JOIN thread t ON t.id = m.thread_id AND t.subject_kind = 'journey'
JOIN journey j ON j.id = t.subject_id
WHERE m.account_id = $1 AND j.node_id IN (
    SELECT n.id FROM node n JOIN position p ON p.node_id = ANY (n.path)
    WHERE p.account_id = $1 AND p.role = ANY ($2) AND p.since <= $3 AND (p.until IS NULL OR p.until > $3)
)
"""


class JourneySight(HotSight):
    """Decides on threads whose subject is a journey."""

    def __init__(self, process: Process) -> None:
        super().__init__(process.direct, process.clock)

    def asks(self, caller: Caller, now: datetime) -> Asks:
        if caller.kind == "owner":
            return Asks(_HOUSEHOLD, (_SEE_DATES,))
        return Asks(_STAFF, (_SEE_ESTATE, local_date(now)))

    async def may_write(self, caller: Caller, subject_id: UUID) -> bool:
        """Staff note what concerns the journey; an owner who has something to say brings a case."""
        return caller.kind == "staff" and await self.sight(caller, subject_id) is not None

    async def speak(self, work: Work, _caller: Caller, _subject_id: UUID, entry: NewEntry) -> Appended:
        """Nothing follows from what is said on a journey."""
        return await append(work, entry)

    def mine(self, caller: Caller, now: datetime) -> Mine:
        """An owner's: those of their homes whose dates they see, and of the projects those lie in.

        An employee's: those they have written on or read, while in their scope. To have all in their scope, that is
        thousands, would tell nobody anything: what is to be done stands in their tasks.
        """
        if caller.kind == "owner":
            return Mine(_MY_HOMES, (_SEE_DATES,))
        return Mine(_MY_WORK, (_SEE_ESTATE, local_date(now)))
