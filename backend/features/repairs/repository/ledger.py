"""The tickets of a project as those who answer for it look at them: filtered, paged, and counted by age."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.repairs.models.checks import listed
from backend.features.repairs.rules.ageing import BUCKETS
from backend.features.repairs.rules.states import ENDED

By = Literal["state", "component", "engineer", "company"]

# Which are late is asked of the clocks that still run, by their index; when each is due, only of those that are shown.
# Asked as EXISTS of each ticket, PostgreSQL would read every clock there ever was.
_LATE: Final = """t.id IN (SELECT k.ticket_id FROM ticket_clock k
    WHERE k.due_at < :now AND k.state IN ('running', 'breached'))"""
_DUE: Final = """LATERAL (SELECT min(k.due_at) AS due_at FROM ticket_clock k
    WHERE k.ticket_id = t.id AND k.state IN ('running', 'breached')) due"""
_FROM: Final = """FROM ticket t JOIN home h ON h.id = t.home_id JOIN node n ON n.id = t.node_id
    LEFT JOIN account eng ON eng.id = t.engineer_id
    LEFT JOIN ticket_defect d ON d.ticket_id = t.id LEFT JOIN construction_company c ON c.id = d.company_id"""
_WITHIN: Final = "WHERE t.project_id = :project_id AND n.path && CAST(:scope AS uuid[])"
_COLUMNS: Final = """t.id, t.state, t.place, t.component, t.urgent, t.cover ->> 'state' AS cover, t.engineer_id,
    eng.name AS engineer_name, h.id AS home_id, h.building, h.unit, h.room, t.opened_at, t.ended_at, t.hold_reason,
    t.visit, t.visits_abortive, t.appointments_moved, d.company_id, c.name AS company_name,
    coalesce(d.lesson, false) AS lesson, due.due_at, coalesce(due.due_at < :now, false) AS late,
    EXISTS (SELECT FROM succession s WHERE s.ticket_id = t.id) AS changed_hands"""

_FILTERS: Final = {
    "state": "t.state = :state",
    "live": f"(t.state IN ({listed(ENDED)})) <> :live",
    "component": "t.component = :component",
    "engineer": "t.engineer_id = :engineer",
    "company": "d.company_id = :company",
    "urgent": "t.urgent = :urgent",
    "late": f"({_LATE}) = :late",
    "lesson": "coalesce(d.lesson, false) = :lesson",
    "since": "t.opened_at >= :since",
    "until": "t.opened_at < :until",
}
_NAMED: Final[dict[By, tuple[str, str]]] = {
    "state": ("t.state", "NULL::text"),
    "component": ("t.component", "NULL::text"),
    "engineer": ("t.engineer_id::text", "min(eng.name)"),
    "company": ("d.company_id::text", "min(c.name)"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which tickets; None: whatever it is. `live`: not ended. `since`, `until`: when they were opened."""

    state: str | None = None
    live: bool | None = None
    component: str | None = None
    engineer: UUID | None = None
    company: UUID | None = None
    urgent: bool | None = None
    late: bool | None = None
    lesson: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


def _asked(wanted: Filter) -> tuple[str, dict[str, Any]]:
    values = {one.name: getattr(wanted, one.name) for one in fields(wanted)}
    given = {name: value for name, value in values.items() if value is not None}
    return "".join(f" AND {_FILTERS[name]}" for name in given), given


async def page(
    work: Work,
    project_id: UUID,
    scope: Sequence[UUID],
    now: datetime,
    wanted: Filter,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """The tickets of a project within a scope, the last opened first."""
    condition, values = _asked(wanted)
    values |= {"project_id": project_id, "scope": list(scope), "now": now, "limit": limit}
    if after is not None:
        condition += " AND (t.opened_at, t.id) < (:after_at, :after_id)"
        values["after_at"], values["after_id"] = after
    within = f"{_FROM} CROSS JOIN {_DUE} {_WITHIN}{condition}"
    sql = f"SELECT {_COLUMNS} {within} ORDER BY t.opened_at DESC, t.id DESC LIMIT :limit"
    return (await work.execute(text(sql), values)).all()


async def ages(
    work: Work, project_id: UUID, scope: Sequence[UUID], now: datetime, wanted: Filter, by: By
) -> Sequence[Any]:
    """How many live tickets are how old: key, name, open, late, held, oldest, and a count a bucket (`b0`...)."""
    condition, values = _asked(wanted)
    key, name = _NAMED[by]
    counts = []
    for place, (since, until) in enumerate(BUCKETS):
        upper = (
            "" if until is None else f" AND t.opened_at > CAST(:now AS timestamptz) - interval '{until} days'"
        )
        counts.append(
            f"count(*) FILTER (WHERE t.opened_at <= CAST(:now AS timestamptz) - interval '{since} days'{upper})"
            f" AS b{place}"
        )
    sql = f"""SELECT {key} AS key, {name} AS name, count(*) AS open, count(*) FILTER (WHERE {_LATE}) AS late,
        count(*) FILTER (WHERE t.state = 'held') AS held, min(t.opened_at) AS oldest, {", ".join(counts)}
        {_FROM} {_WITHIN} AND t.state NOT IN ({listed(ENDED)}){condition}
        GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT 500"""
    values |= {"project_id": project_id, "scope": list(scope), "now": now}
    return (await work.execute(text(sql), values)).all()
