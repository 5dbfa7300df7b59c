"""What visits follow, in SQL: milestones of journeys, and tickets."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

_OWNER: Final = """(SELECT m.account_id FROM household_member m WHERE m.ownership_id = o.id AND m.role = 'owner'
    AND m.ended_at IS NULL ORDER BY m.position, m.id LIMIT 1)"""

_MILESTONES: Final = text(
    f"""SELECT m.id, m.obligation, m.due_at, t.role, t.node_id, o.id AS ownership_id, j.standard_version_id,
    t.state = 'open' AND o.ended_on IS NULL AS open,
    CASE WHEN m.state = 'done' THEN 'done_otherwise' WHEN o.ended_on IS NOT NULL THEN 'sold' ELSE 'ended' END
        AS why, {_OWNER} AS contact_id
FROM milestone m JOIN journey j ON j.id = m.journey_id JOIN ownership o ON o.id = j.ownership_id
JOIN task t ON t.milestone_id = m.id
WHERE m.id = ANY (CAST(:ids AS uuid[])) AND m.obligation = ANY (CAST(:obligations AS text[])) ORDER BY m.id"""
)
_TICKETS: Final = text(
    f"""SELECT t.id, t.state, t.node_id, t.ownership_id, t.contact_name, t.contact_phone, t.standard_version_id,
    coalesce(t.reporter_id, {_OWNER}) AS contact_id,
    (SELECT max(c.due_at) FROM ticket_clock c
        WHERE c.ticket_id = t.id AND c.code = 'C5' AND c.ended_at IS NULL) AS due_at,
    array_remove(ARRAY(SELECT s.from_id FROM succession s WHERE s.ticket_id = t.id) || t.engineer_id, NULL) AS handlers
FROM ticket t JOIN ownership o ON o.id = t.ownership_id
WHERE t.id = ANY (CAST(:ids AS uuid[])) ORDER BY t.id"""
)


async def milestones(work: Work, ids: Sequence[UUID], obligations: Sequence[str]) -> Sequence[Any]:
    """Those of these milestones that are visits: `open`: owed now; `why`: what else became of it."""
    return (await work.execute(_MILESTONES, {"ids": list(ids), "obligations": list(obligations)})).all()


async def tickets(work: Work, ids: Sequence[UUID]) -> Sequence[Any]:
    """Tickets as their return visit needs them: `handlers`: whoever was their engineer."""
    return (await work.execute(_TICKETS, {"ids": list(ids)})).all()
