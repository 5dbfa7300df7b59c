"""What households are to be told and were told, in SQL."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

_NEW: Final = {
    "id": "uuid",
    "ownership_id": "uuid",
    "kind": "text",
    "ends_on": "date",
    "due_on": "date",
    "state": "text",
}
_ARRAYS = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _NEW.items())
_NAMES = ", ".join(_NEW)
# What was called off because the day moved away stands again when the day moves back.
_PLAN = text(
    f"INSERT INTO warranty_notice ({_NAMES}) SELECT {_NAMES} FROM unnest({_ARRAYS}) AS new ({_NAMES})"
    " ON CONFLICT (ownership_id, kind, ends_on) DO UPDATE SET state = excluded.state"
    " WHERE warranty_notice.state = 'dropped'"
)
_OF_HOMES = "ownership_id IN (SELECT id FROM ownership WHERE home_id = ANY (CAST(:homes AS uuid[])))"
_DROP = text(
    "UPDATE warranty_notice SET state = 'dropped' WHERE id IN ("
    f"SELECT id FROM warranty_notice n WHERE n.state = 'planned' AND n.{_OF_HOMES} AND NOT EXISTS ("
    "SELECT FROM unnest(CAST(:ownership_id AS uuid[]), CAST(:kind AS text[]), CAST(:ends_on AS date[]))"
    " AS wanted (ownership_id, kind, ends_on) WHERE wanted.ownership_id = n.ownership_id"
    " AND wanted.kind = n.kind AND wanted.ends_on = n.ends_on) ORDER BY id FOR UPDATE) RETURNING id"
)
_PLANNED = text(
    "SELECT n.id, n.due_on, o.project_id FROM warranty_notice n JOIN ownership o ON o.id = n.ownership_id"
    " WHERE n.state = 'planned' AND o.home_id = ANY (CAST(:homes AS uuid[]))"
)
_FREE = text(
    "SELECT n.id, n.ownership_id, n.kind, n.ends_on, n.due_on, n.state, o.home_id, h.building, h.unit, h.room,"
    " h.fitout, p.name AS project, j.thread_id, j.standard_version_id"
    " FROM warranty_notice n JOIN ownership o ON o.id = n.ownership_id JOIN home h ON h.id = o.home_id"
    " JOIN project p ON p.node_id = o.project_id JOIN journey j ON j.ownership_id = o.id"
    " WHERE n.id = ANY (CAST(:ids AS uuid[])) ORDER BY n.id FOR UPDATE OF n SKIP LOCKED"
)
_ENDING = text(
    "SELECT i.home_id, i.ends_on, i.component, i.name, i.standard_version_id FROM warranty_item i"
    " WHERE i.home_id = ANY (CAST(:homes AS uuid[])) AND i.ends_on IS NOT NULL ORDER BY i.rank"
)
_READERS = text(
    "SELECT m.ownership_id, array_agg(DISTINCT m.account_id) AS accounts FROM household_member m"
    " WHERE m.ownership_id = ANY (CAST(:ids AS uuid[])) AND m.ended_at IS NULL"
    " AND m.role = ANY (CAST(:roles AS text[])) GROUP BY m.ownership_id"
)
_TOLD = text(
    "UPDATE warranty_notice SET people = new.people,"
    " state = CASE WHEN new.people > 0 THEN 'told' ELSE 'unreachable' END,"
    " told_at = CASE WHEN new.people > 0 THEN CAST(:now AS timestamptz) END"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:people AS int[])) AS new (id, people)"
    " WHERE warranty_notice.id = new.id"
)
_WITHOUT_TIMER = text(
    "SELECT n.id, n.kind, n.due_on FROM warranty_notice n WHERE n.state = 'planned' AND NOT EXISTS ("
    "SELECT FROM timer t WHERE t.kind = :kind AND t.key = n.id::text AND t.state IN ('pending', 'parked'))"
    " ORDER BY n.id LIMIT 100"
)


async def plan(work: Work, home_ids: Sequence[UUID], rows: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """Have exactly these planned for these homes; what was told stays. Returns those that are called off."""
    given = {name: [row[name] for row in rows] for name in _NEW}
    if rows:
        await work.execute(_PLAN, given)
    wanted = {name: given[name] for name in ("ownership_id", "kind", "ends_on")}
    return list(await work.scalars(_DROP, {"homes": list(home_ids)} | wanted))


async def planned(work: Work, home_ids: Sequence[UUID]) -> Sequence[Any]:
    """What the households of these homes are still to be told."""
    return (await work.execute(_PLANNED, {"homes": list(home_ids)})).all()


async def free(work: Work, ids: Sequence[UUID]) -> Sequence[Any]:
    """These, locked, with what telling them needs; without those that somebody else holds."""
    return (await work.execute(_FREE, {"ids": list(ids)})).all()


async def ending(work: Work, home_ids: Sequence[UUID]) -> Sequence[Any]:
    """Every component of these homes that has an end."""
    return (await work.execute(_ENDING, {"homes": list(home_ids)})).all()


async def readers(work: Work, ownership_ids: Sequence[UUID], roles: Sequence[str]) -> dict[UUID, list[UUID]]:
    """Who of these households has one of these roles."""
    rows = await work.execute(_READERS, {"ids": list(ownership_ids), "roles": list(roles)})
    return {row.ownership_id: row.accounts for row in rows}


async def write_told(work: Work, now: Any, people: Mapping[UUID, int]) -> None:
    """Write how many people were told each of these."""
    await work.execute(_TOLD, {"now": now, "ids": list(people), "people": list(people.values())})


async def without_timer(work: Work, kind: str) -> Sequence[Any]:
    """What is to be told and nothing will."""
    return (await work.execute(_WITHOUT_TIMER, {"kind": kind})).all()
