"""Journeys and milestones in SQL.

Whoever changes both locks the journeys first and then their milestones, each in the order of ids; firing timers lock
milestones only and pass over those that somebody else holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.journey.repository import bulk

_JOURNEY: Final = {
    "id": "uuid",
    "ownership_id": "uuid",
    "project_id": "uuid",
    "node_id": "uuid",
    "standard_version_id": "uuid",
    "thread_id": "uuid",
    "step": "text",
    "dates": "jsonb",
    "begun_at": "timestamptz",
}
_STANDING: Final = {"id": "uuid", "step": "text", "dates": "jsonb", "ended_at": "timestamptz"}
PROMISE: Final = {
    "id": "uuid",
    "state": "text",
    "opens_at": "timestamptz",
    "due_on": "date",
    "due_at": "timestamptz",
    "ends_at": "timestamptz",
    "first_due_on": "date",
    "promised_at": "timestamptz",
    "provisional": "boolean",
    "done_at": "timestamptz",
    "recorded_at": "timestamptz",
}
_MILESTONE: Final = {
    **PROMISE,
    "journey_id": "uuid",
    "project_id": "uuid",
    "obligation": "text",
    "occurrence": "date",
    "step": "text",
    "rank": "integer",
    "owner_sees": "boolean",
}

_PLACE: Final = {"journey_id": "uuid", "obligation": "text", "occurrence": "date"}

_ADD_JOURNEYS = bulk.insert_sql("journey", _JOURNEY)
_ADD_PROJECT = text(bulk.insert_sql("journey", _JOURNEY, "ON CONFLICT (id) DO NOTHING RETURNING id"))
_SET_JOURNEYS = bulk.update_sql("journey", _STANDING)
_ADD_MILESTONES = bulk.insert_sql("milestone", _MILESTONE)
_SET_MILESTONES = bulk.update_sql("milestone", PROMISE)

_COLUMNS = (
    "id, ownership_id, project_id, node_id, standard_version_id, thread_id, step, dates, begun_at, ended_at"
)
_OF_OWNERSHIPS = text(
    f"SELECT {_COLUMNS} FROM journey WHERE ownership_id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE"
)
_BY_ID = text(f"SELECT {_COLUMNS} FROM journey WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE")
_FREE_BY_ID = text(
    f"SELECT {_COLUMNS} FROM journey WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE SKIP LOCKED"
)
_PROMISE = ", ".join(f"m.{name}" for name in PROMISE)
_MILESTONES = text(
    f"SELECT m.journey_id, m.obligation, m.occurrence, m.done_by, m.evidence, {_PROMISE} FROM milestone m"
    " WHERE m.journey_id = ANY (CAST(:ids AS uuid[])) ORDER BY m.id FOR UPDATE"
)
_FREE_MILESTONES = text(
    f"SELECT m.journey_id, m.obligation, m.occurrence, m.done_by, m.evidence, {_PROMISE}, j.project_id, j.node_id,"
    " j.thread_id, j.standard_version_id, j.dates, j.ownership_id"
    " FROM milestone m JOIN journey j ON j.id = m.journey_id"
    " WHERE m.id = ANY (CAST(:ids AS uuid[])) ORDER BY m.id FOR UPDATE OF m SKIP LOCKED"
)
_OF_PROJECT = text(
    f"SELECT {_COLUMNS} FROM journey WHERE project_id = :project_id AND ownership_id IS NULL FOR UPDATE"
)
_MILESTONE_AT = text(
    f"SELECT m.journey_id, m.obligation, m.occurrence, m.done_by, m.evidence, {_PROMISE}, j.project_id, j.node_id,"
    " j.thread_id, j.standard_version_id, j.dates, j.ownership_id"
    " FROM milestone m JOIN journey j ON j.id = m.journey_id"
    " WHERE m.journey_id = :journey_id AND m.obligation = :obligation"
    " AND m.occurrence IS NOT DISTINCT FROM CAST(:occurrence AS date) FOR UPDATE OF m"
)
_BY_MILESTONE = text(
    f"SELECT m.journey_id, m.obligation, m.occurrence, m.done_by, m.evidence, {_PROMISE}, j.project_id, j.node_id,"
    " j.thread_id, j.standard_version_id, j.dates, j.ownership_id"
    " FROM milestone m JOIN journey j ON j.id = m.journey_id WHERE m.id = :id FOR UPDATE OF m"
)
_OWED = text(
    f"SELECT m.journey_id, m.obligation, m.occurrence, m.done_by, m.evidence, {_PROMISE}, j.project_id, j.node_id,"
    " j.thread_id, j.standard_version_id, j.dates, j.ownership_id FROM milestone m"
    " JOIN journey j ON j.id = m.journey_id"
    " JOIN unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:days AS date[]))"
    " AS deed (ownership_id, obligation, due_on) ON deed.ownership_id = j.ownership_id"
    " AND deed.obligation = m.obligation AND deed.due_on = m.due_on"
    " WHERE m.state IN ('coming', 'due', 'late') ORDER BY m.id FOR UPDATE OF m"
)
_PRESENT = text(
    "SELECT m.journey_id, m.obligation, m.occurrence FROM milestone m"
    f" JOIN {bulk.given(_PLACE)} ON new.journey_id = m.journey_id AND new.obligation = m.obligation"
    " AND new.occurrence = m.occurrence"
)
_DONE = text(
    "SELECT journey_id, obligation, max(done_at) AS done_at FROM milestone"
    " WHERE journey_id = ANY (CAST(:ids AS uuid[])) AND state = 'done' GROUP BY journey_id, obligation"
)
_VERSIONS_AT = text(
    "SELECT DISTINCT j.standard_version_id, j.ownership_id IS NULL FROM journey j"
    " JOIN node n ON n.id = j.project_id AND n.path && CAST(:nodes AS uuid[]) WHERE j.ended_at IS NULL"
)
_RUNNING_AT = text(
    "SELECT m.id, m.journey_id, m.obligation, m.due_at, j.project_id, j.dates FROM milestone m"
    " JOIN journey j ON j.id = m.journey_id JOIN node n ON n.id = j.project_id"
    " WHERE n.path && CAST(:nodes AS uuid[]) AND j.standard_version_id = :version AND j.ended_at IS NULL"
    " AND m.obligation = ANY (CAST(:codes AS text[])) AND m.state IN ('coming', 'due') AND m.due_on IS NOT NULL"
    " ORDER BY m.id"
)
_WITHOUT_TIMER = text(
    "SELECT m.id, m.obligation, m.state, m.due_at FROM milestone m WHERE m.due_on IS NOT NULL"
    " AND (m.state IN ('coming', 'due') OR m.state = 'late' AND m.ends_at IS NOT NULL)"
    " AND NOT EXISTS (SELECT FROM timer t WHERE t.kind = :kind AND t.key = m.id::text"
    " AND t.state IN ('pending', 'parked')) ORDER BY m.id LIMIT :limit"
)


async def journeys_of(work: Work, ownership_ids: Sequence[UUID]) -> Sequence[Any]:
    """The journeys of these ownerships, locked."""
    return (await work.execute(_OF_OWNERSHIPS, {"ids": list(ownership_ids)})).all()


async def journeys(work: Work, ids: Sequence[UUID], *, passing_locked: bool = False) -> Sequence[Any]:
    """These journeys, locked; with `passing_locked` without those that somebody else holds."""
    return (await work.execute(_FREE_BY_ID if passing_locked else _BY_ID, {"ids": list(ids)})).all()


async def add_journeys(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new journeys of ownerships."""
    await bulk.run(work, _ADD_JOURNEYS, _JOURNEY, rows)


async def add_project_journey(work: Work, row: Mapping[str, Any]) -> bool:
    """Write the journey of a project; False when there is one: somebody else has just begun it."""
    added = await work.execute(_ADD_PROJECT, {name: [row[name]] for name in _JOURNEY})
    return added.one_or_none() is not None


async def set_journeys(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write where journeys stand: `step`, `dates`, `ended_at`, by `id`."""
    await bulk.run(work, _SET_JOURNEYS, _STANDING, rows)


async def milestones_of(work: Work, journey_ids: Iterable[UUID]) -> Sequence[Any]:
    """Every milestone of these journeys, locked."""
    return (await work.execute(_MILESTONES, {"ids": list(journey_ids)})).all()


async def free_milestones(work: Work, ids: Sequence[UUID]) -> Sequence[Any]:
    """These milestones with what is needed of their journeys, locked; those that somebody else holds are left out."""
    return (await work.execute(_FREE_MILESTONES, {"ids": list(ids)})).all()


async def journey_of_project(work: Work, project_id: UUID) -> Any | None:
    """The journey of what is owed once in a project, locked."""
    return (await work.execute(_OF_PROJECT, {"project_id": project_id})).one_or_none()


async def milestone_at(work: Work, journey_id: UUID, obligation: str, occurrence: date | None) -> Any | None:
    """One milestone with what is needed of its journey, locked."""
    values = {"journey_id": journey_id, "obligation": obligation, "occurrence": occurrence}
    return (await work.execute(_MILESTONE_AT, values)).one_or_none()


async def milestone(work: Work, milestone_id: UUID) -> Any:
    """A milestone that there is, with what is needed of its journey, locked."""
    return (await work.execute(_BY_MILESTONE, {"id": milestone_id})).one()


async def milestones_owed(work: Work, owed: Iterable[tuple[UUID, str, date]]) -> Sequence[Any]:
    """The open milestones of these ownerships, obligations and days, locked."""
    ids, codes, days = zip(*owed, strict=True)
    values = {"ids": list(ids), "codes": list(codes), "days": list(days)}
    return (await work.execute(_OWED, values)).all()


async def versions_at(work: Work, nodes: Sequence[UUID]) -> Sequence[tuple[UUID, bool]]:
    """By which standards the journeys at and below these nodes go, and whether they are those of whole projects."""
    found = await work.execute(_VERSIONS_AT, {"nodes": list(nodes)})
    return [(version, of_project) for version, of_project in found]


async def running_at(
    work: Work, nodes: Sequence[UUID], version_id: UUID, obligations: Sequence[str]
) -> Sequence[Any]:
    """The milestones of these obligations at and below these nodes that are coming or due."""
    values = {"nodes": list(nodes), "version": version_id, "codes": list(obligations)}
    return (await work.execute(_RUNNING_AT, values)).all()


async def present_places(
    work: Work, places: Sequence[tuple[UUID, str, date | None]]
) -> set[tuple[UUID, str, date | None]]:
    """Which of these milestones (journey, obligation, occurrence) there are."""
    columns = zip(*places, strict=True)
    values = {name: list(column) for name, column in zip(_PLACE, columns, strict=True)}
    return {(row.journey_id, row.obligation, row.occurrence) for row in await work.execute(_PRESENT, values)}


async def done_in(work: Work, journey_ids: Sequence[UUID]) -> Sequence[Any]:
    """When each obligation of these journeys was done."""
    return (await work.execute(_DONE, {"ids": list(journey_ids)})).all()


async def add_milestones(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new milestones."""
    await bulk.run(work, _ADD_MILESTONES, _MILESTONE, rows)


async def set_milestones(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write promises and states, by `id`."""
    await bulk.run(work, _SET_MILESTONES, PROMISE, rows)


async def without_timer(work: Work, kind: str, limit: int) -> Sequence[Any]:
    """Milestones that should turn by themselves and have no timer of this kind that would see to it."""
    return (await work.execute(_WITHOUT_TIMER, {"kind": kind, "limit": limit})).all()


# What is promised to the whole project concerns whoever has signed there.
_READERS = text(
    "SELECT j.id, array_agg(DISTINCT m.account_id) AS accounts FROM journey j"
    " JOIN ownership o ON o.ended_on IS NULL AND (o.id = j.ownership_id"
    "  OR (j.ownership_id IS NULL AND o.project_id = j.project_id AND o.signed_on IS NOT NULL))"
    " JOIN household_member m ON m.ownership_id = o.id AND m.ended_at IS NULL AND m.role = ANY (:roles)"
    " WHERE j.id = ANY (:ids) GROUP BY j.id"
)


async def readers_of(work: Work, journey_ids: Sequence[UUID], roles: Sequence[str]) -> dict[UUID, list[UUID]]:
    """Who of the households of these journeys has one of these roles; of a project's, of all its households."""
    rows = await work.execute(_READERS, {"ids": list(journey_ids), "roles": list(roles)})
    return {row.id: row.accounts for row in rows}
