"""Who sees the record of a journey: its household as far as they see its dates, and staff whose scope it lies in.

Asked with every page of entries, so it is one statement.
"""

from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.features.people.service import HOUSEHOLD_ROLES, household_sees, roles_that_may
from backend.platform.process import Process
from backend.platform.threads import Audience

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


class JourneySight:
    """Decides on threads whose subject is a journey."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def sight(self, caller: Caller, subject_id: UUID) -> Audience | None:
        direct = self._process.direct
        if caller.kind == "owner":
            roles = [role for role in HOUSEHOLD_ROLES if household_sees(role, "dates")]
            seen = await direct.row(_HOUSEHOLD, subject_id, caller.account_id, roles)
            return "all" if seen else None
        roles = roles_that_may("see_estate")
        today = local_date(self._process.clock.now())
        seen = await direct.row(_STAFF, subject_id, caller.account_id, roles, today)
        return "staff" if seen else None

    async def may_write(self, caller: Caller, subject_id: UUID) -> bool:
        """Staff note what concerns the journey; an owner who has something to say brings a case."""
        return caller.kind == "staff" and await self.sight(caller, subject_id) is not None
