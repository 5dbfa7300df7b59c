"""What an agent wants to know of whoever they talk with, in SQL."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

# Homes of a caller, or the one home that a conversation is about; in scope, in the order of their addresses.
_HOMES: Final = text(
    """
SELECT o.id AS ownership_id, h.id AS home_id, p.node_id AS project_id, p.name AS project, h.building, h.unit, h.room,
    h.layout, m.role, j.id AS journey_id
FROM ownership o
JOIN home h ON h.id = o.home_id
JOIN node b ON b.id = h.building_id
JOIN project p ON p.node_id = h.project_id
LEFT JOIN journey j ON j.ownership_id = o.id AND j.ended_at IS NULL
LEFT JOIN household_member m ON m.ownership_id = o.id AND m.account_id = :account_id AND m.ended_at IS NULL
WHERE o.ended_on IS NULL AND b.path && :scope AND (m.id IS NOT NULL OR o.id = :ownership_id)
ORDER BY o.id = :ownership_id DESC, p.name, h.sort_key, h.id LIMIT 20
"""
)
_TASKS: Final = text(
    """
SELECT t.id, t.role, t.due_at, m.obligation, m.step, j.ownership_id, j.standard_version_id
FROM journey j JOIN milestone m ON m.journey_id = j.id JOIN task t ON t.milestone_id = m.id
WHERE j.id = ANY (:journey_ids) AND t.state = 'open' ORDER BY t.due_at, t.id LIMIT 20
"""
)


async def homes(
    work: Work, account_id: UUID | None, ownership_id: UUID | None, scope: Sequence[UUID]
) -> Sequence[Any]:
    """The caller's homes in scope, the one it is about first."""
    asked = {"account_id": account_id, "ownership_id": ownership_id, "scope": list(scope)}
    return (await work.execute(_HOMES, asked)).all()


async def tasks(work: Work, journey_ids: Sequence[UUID]) -> Sequence[Any]:
    """What is open in these journeys, the soonest due first."""
    return (await work.execute(_TASKS, {"journey_ids": list(journey_ids)})).all()
