"""The managers' board in SQL: a project's journeys counted, and listed home by home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

# Whoever oversees one building of a project sees that building's part of it.
_NODES = text(
    "SELECT n.id FROM project p JOIN node n ON p.node_id IN (n.id, n.parent_id)"
    " WHERE p.node_id = :project AND n.path && :scope"
)
_STEPS = text(
    "SELECT standard_version_id, step, count(*) AS homes FROM journey"
    " WHERE project_id = :project AND node_id = ANY (:nodes) AND ended_at IS NULL AND ownership_id IS NOT NULL"
    " GROUP BY standard_version_id, step"
)
_OF_MILESTONES = (
    "FROM milestone m JOIN journey j ON j.id = m.journey_id"
    " WHERE m.project_id = :project AND j.node_id = ANY (:nodes) AND j.ended_at IS NULL AND {which}"
    " GROUP BY j.standard_version_id, m.obligation"
)
_OVERDUE = text(
    "SELECT j.standard_version_id, m.obligation, count(*) AS overdue, min(m.due_on) AS oldest_due_on "
    + _OF_MILESTONES.format(which="m.state = 'late'")
)
_AHEAD = text(
    "SELECT j.standard_version_id, m.obligation, count(*) FILTER (WHERE m.due_on <= :soon) AS soon, count(*) AS ahead "
    + _OF_MILESTONES.format(which="m.state IN ('coming', 'due') AND m.due_on BETWEEN :today AND :ahead")
)
# By place and role first: thousands of tasks are those of a few roles at a few buildings.
_VACANT = text(
    "SELECT t.role, sum(t.tasks)::int AS tasks, min(t.oldest_due_at) AS oldest_due_at"
    " FROM (SELECT node_id, role, count(*) AS tasks, min(due_at) AS oldest_due_at FROM task"
    "  WHERE node_id = ANY (:nodes) AND state = 'open' GROUP BY node_id, role) t"
    " JOIN node n ON n.id = t.node_id WHERE NOT EXISTS ("
    "SELECT FROM position p JOIN account a ON a.id = p.account_id AND a.disabled_at IS NULL"
    " WHERE p.node_id = ANY (n.path) AND p.role = t.role AND p.since <= :today"
    " AND (p.until IS NULL OR p.until > :today)) GROUP BY t.role ORDER BY t.role"
)

_LATE = "SELECT FROM milestone m WHERE m.journey_id = j.id AND m.state = 'late'"
_OPEN = "SELECT FROM milestone m WHERE m.journey_id = j.id AND m.state IN ('due', 'late')"
_THIS = " AND m.obligation = :obligation"
_HOMES = """
SELECT h.id, h.sort_key, h.building, h.unit, h.room, j.ownership_id, j.step, j.standard_version_id, (
    SELECT json_agg(json_build_object('obligation', m.obligation, 'occurrence', m.occurrence, 'due_on', m.due_on)
        ORDER BY m.due_on, m.rank) FROM milestone m WHERE m.journey_id = j.id AND m.state = 'late'
) AS overdue
FROM home h JOIN ownership o ON o.home_id = h.id JOIN journey j ON j.ownership_id = o.id AND j.ended_at IS NULL
WHERE h.project_id = :project AND j.node_id = ANY (:nodes) AND (h.sort_key, h.id) > (:key, :id) {filters}
ORDER BY h.sort_key, h.id LIMIT :limit
"""
_LOWEST: Final = ("", UUID(int=0))


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a project that somebody oversees: its nodes, buildings and perhaps the project itself."""

    project_id: UUID
    nodes: Sequence[UUID]

    @property
    def sent(self) -> dict[str, Any]:
        """As the statements take it."""
        return {"project": self.project_id, "nodes": list(self.nodes)}


@dataclass(frozen=True, slots=True)
class Which:
    """Which homes of it: in this step, with something overdue, with this obligation open (overdue: overdue)."""

    step: str | None
    overdue: bool
    obligation: str | None


async def part_seen(work: Work, scope: Sequence[UUID], project_id: UUID) -> Part | None:
    """What of a project lies in `scope`; None: nothing, or there is no such project."""
    nodes = list(await work.scalars(_NODES, {"project": project_id, "scope": list(scope)}))
    return Part(project_id, nodes) if nodes else None


async def homes_by_step(work: Work, part: Part) -> Sequence[Any]:
    """How many homes stand in each step: `standard_version_id`, `step`, `homes`."""
    return (await work.execute(_STEPS, part.sent)).all()


async def overdue(work: Work, part: Part) -> Sequence[Any]:
    """What is late, by obligation: `standard_version_id`, `obligation`, `overdue`, `oldest_due_on`."""
    return (await work.execute(_OVERDUE, part.sent)).all()


async def ahead(work: Work, part: Part, today: date, soon: date, until: date) -> Sequence[Any]:
    """What is due from today on, by obligation: `soon` and `ahead` count what is due by those days."""
    days = {"today": today, "soon": soon, "ahead": until}
    return (await work.execute(_AHEAD, part.sent | days)).all()


async def vacant(work: Work, part: Part, today: date) -> Sequence[Any]:
    """Roles of open tasks that nobody holds there or further up: `role`, `tasks`, `oldest_due_at`."""
    return (await work.execute(_VACANT, {"nodes": part.sent["nodes"], "today": today})).all()


async def journeys_page(
    work: Work, part: Part, which: Which, after: tuple[str, UUID] | None, limit: int
) -> Sequence[Any]:
    """A page of the homes whose journeys these are, in natural order, each with what is late of it."""
    filters = ""
    if which.step is not None:
        filters += " AND j.step = :step"
    if which.overdue or which.obligation is not None:
        these = (_LATE if which.overdue else _OPEN) + (_THIS if which.obligation is not None else "")
        filters += f" AND EXISTS ({these})"
    key, id_ = after or _LOWEST
    asked = {
        "step": which.step, "obligation": which.obligation, "key": key, "id": id_, "limit": limit,
    }  # fmt: skip
    return (await work.execute(text(_HOMES.format(filters=filters)), part.sent | asked)).all()
