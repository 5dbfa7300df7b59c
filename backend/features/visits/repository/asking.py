"""What planning a visit by hand asks of the database."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

_HOME: Final = text(
    "SELECT o.project_id, h.building_id, j.standard_version_id,"
    " (SELECT m.account_id FROM household_member m WHERE m.ownership_id = o.id AND m.role = 'owner'"
    " AND m.ended_at IS NULL ORDER BY m.position, m.id LIMIT 1) AS contact_id"
    " FROM ownership o JOIN home h ON h.id = o.home_id LEFT JOIN journey j ON j.ownership_id = o.id"
    " WHERE o.id = :id AND o.ended_on IS NULL"
    " AND EXISTS (SELECT FROM node n WHERE n.id = h.building_id AND n.path && :scope)"
    # Two who plan for one home at once would each find nothing planned there.
    " FOR NO KEY UPDATE OF o"
)
_OWED: Final = text(
    "SELECT subject_id, due_at FROM visit WHERE ownership_id = :id AND kind = :kind AND subject_kind = 'milestone'"
    " AND state IN ('planned', 'booked')"
)


async def home_in_scope(work: Work, ownership_id: UUID, scope: Sequence[UUID]) -> Any | None:
    """A home with its present owner, at or below these nodes; its ownership is locked."""
    return (await work.execute(_HOME, {"id": ownership_id, "scope": list(scope)})).one_or_none()


async def owed(work: Work, ownership_id: UUID, kind: str) -> Any | None:
    """The visit of a kind that the home's journey owes now."""
    return (await work.execute(_OWED, {"id": ownership_id, "kind": kind})).one_or_none()
