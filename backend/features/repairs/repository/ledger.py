"""The tickets of a project as those who answer for it look at them: filtered, paged, and counted by age."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import text

from backend.db.direct import Direct
from backend.db.words import listed, one_of
from backend.db.work import Work
from backend.features.repairs.rules.ageing import BUCKETS
from backend.features.repairs.rules.states import ENDED, State

By = Literal["state", "component", "engineer", "company"]

_LATE: Final = """EXISTS (SELECT FROM ticket_clock k WHERE k.ticket_id = t.id AND k.due_at < {now}
    AND k.state IN ('running', 'breached') OFFSET 0)"""
# Whoever sees a project sees all that is below it, so nothing more is asked of its tickets.
_FROM: Final = """FROM ticket t LEFT JOIN account eng ON eng.id = t.engineer_id
    LEFT JOIN ticket_defect d ON d.ticket_id = t.id LEFT JOIN construction_company c ON c.id = d.company_id"""

# Whatever asks for the living says so in the words of their index; what is over has no clock that runs.
_LIVE: Final = f"t.state NOT IN ({listed(ENDED)})"
_FILTERS: Final = {
    "component": "t.component = {}",
    "engineer": "t.engineer_id = {}",
    "company": "d.company_id = {}",
    "since": "t.opened_at >= {}",
    "until": "t.opened_at < {}",
}
_WHETHER: Final = {
    ("live", True): _LIVE,
    ("live", False): f"t.state IN ({listed(ENDED)})",
    ("urgent", True): "t.urgent",
    ("urgent", False): "NOT t.urgent",
    ("late", True): f"{_LIVE} AND {_LATE}",
    ("late", False): f"NOT {_LATE}",
    ("lesson", True): "d.lesson",
    ("lesson", False): "NOT coalesce(d.lesson, false)",
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

    state: State | None = None
    live: bool | None = None
    component: str | None = None
    engineer: UUID | None = None
    company: UUID | None = None
    urgent: bool | None = None
    late: bool | None = None
    lesson: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


def _asked(wanted: Filter, now: str, put: Callable[[str, Any], str]) -> str:
    """The conditions; `put` takes a value by its name and tells how it stands in the statement, as `now` does."""
    given = {one.name: value for one in fields(wanted) if (value := getattr(wanted, one.name)) is not None}
    conditions = []
    for name, value in given.items():
        if name == "state":
            conditions.append(one_of("t.state", [value]) + ("" if value in ENDED else f" AND {_LIVE}"))
        elif name in _FILTERS:
            conditions.append(_FILTERS[name].format(put(name, value)))
        else:
            conditions.append(_WHETHER[name, value].format(now=now))
    return "".join(f" AND {one}" for one in conditions)


def _json(value: str) -> str:
    return f"coalesce(to_json({value})::text, 'null')"


def _moment(column: str) -> str:
    return _json(f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""")


# Managers keep it open all day, so a page is one statement, and its JSON is put together where the rows lie.
# $1 to $3: who asks, the roles that may, today; $4: the project; $5: now;
# $6: at most so many.
_TOLD: Final = f"""concat('{{"id":"', t.id, '","state":"', t.state, '","home":"', t.home_id,
    '","building":', to_json(h.building), ',"unit":', to_json(h.unit), ',"room":', to_json(h.room),
    ',"place":', to_json(t.place), ',"component":', to_json(t.component), ',"urgent":', t.urgent::text,
    ',"cover":', {_json("t.cover ->> 'state'")}, ',"engineer":', {_json("t.engineer_id")},
    ',"engineer_name":', {_json("eng.name")}, ',"changed_hands":',
    EXISTS (SELECT FROM succession s WHERE s.ticket_id = t.id)::text,
    ',"company":', {_json("d.company_id")}, ',"company_name":', {_json("c.name")},
    ',"lesson":', coalesce(d.lesson, false)::text, ',"opened_at":', {_moment("t.opened_at")},
    ',"ended_at":', {_moment("t.ended_at")},
    ',"days":', floor(extract(epoch FROM coalesce(t.ended_at, $5) - t.opened_at) / 86400)::int,
    ',"hold_reason":', {_json("t.hold_reason")}, ',"due_at":', {_moment("due.due_at")},
    ',"late":', coalesce(due.due_at < $5, false)::text, ',"visits":', t.visit,
    ',"visits_abortive":', t.visits_abortive, ',"appointments_moved":', t.appointments_moved, '}}')"""
_PAGE: Final = """
WITH scope AS MATERIALIZED (
    SELECT array_agg(s.node_id) AS nodes FROM position s
    WHERE s.account_id = $1 AND s.role = ANY ($2) AND s.since <= $3 AND (s.until IS NULL OR s.until > $3)
), asked AS MATERIALIZED (
    SELECT scope.nodes IS NOT NULL AS may, EXISTS (SELECT FROM node n
        WHERE n.id = $4 AND n.kind = 'project' AND n.path && scope.nodes) AS seen FROM scope
)
SELECT asked.may, asked.seen, page.* FROM asked CROSS JOIN LATERAL (
    SELECT count(*) AS found, max(t.opened_at) FILTER (WHERE t.nth = $6) AS last_at,
        (array_agg(t.id) FILTER (WHERE t.nth = $6))[1] AS last_id,
        convert_to(coalesce(string_agg(%told%, ',' ORDER BY t.nth) FILTER (WHERE t.nth <= $6), ''), 'UTF8') AS items
    FROM (
        SELECT shown.*, row_number() OVER (ORDER BY shown.opened_at DESC, shown.id DESC) AS nth FROM (
            SELECT t.* FROM ticket t LEFT JOIN ticket_defect d ON d.ticket_id = t.id
            WHERE asked.seen AND t.project_id = $4%conditions%
            ORDER BY t.opened_at DESC, t.id DESC LIMIT $6 + 1
        ) shown
    ) t
    JOIN home h ON h.id = t.home_id LEFT JOIN account eng ON eng.id = t.engineer_id
    LEFT JOIN ticket_defect d ON d.ticket_id = t.id LEFT JOIN construction_company c ON c.id = d.company_id
    CROSS JOIN LATERAL (SELECT min(k.due_at) AS due_at FROM ticket_clock k
        WHERE k.ticket_id = t.id AND k.state IN ('running', 'breached')) due
) page""".replace("%told%", _TOLD)


class Page(NamedTuple):
    """`may`: whether the account holds such a role at all; `seen`: whether there is such a project in its scope.

    `items`: tickets as JSON objects with commas between; `next`: the last one's key when more follow.
    """

    may: bool
    seen: bool
    items: bytes
    next: tuple[datetime, UUID] | None


async def page(
    direct: Direct,
    asker: tuple[UUID, tuple[str, ...], date],
    project_id: UUID,
    now: datetime,
    wanted: Filter,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Page:
    """The tickets of a project as JSON, the last opened first, for an account by its roles on a day."""
    values = [*asker, project_id, now, limit]

    def put(_name: str, value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    conditions = _asked(wanted, "$5", put)
    if after is not None:
        conditions += f" AND (t.opened_at, t.id) < ({put('at', after[0])}, {put('id', after[1])})"
    row = await direct.row(_PAGE.replace("%conditions%", conditions), *values)
    assert row is not None, "an aggregate has a row"
    following = (row["last_at"], row["last_id"]) if row["found"] > limit else None
    return Page(row["may"], row["seen"], row["items"], following)


async def ages(work: Work, project_id: UUID, now: datetime, wanted: Filter, by: By) -> Sequence[Any]:
    """How many live tickets are how old: key, name, open, late, held, oldest, and a count a bucket (`b0`...)."""
    values: dict[str, Any] = {"project_id": project_id, "now": now}

    def put(called: str, value: Any) -> str:
        values[called] = value
        return f":{called}"

    condition = _asked(wanted, ":now", put)
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
    late = _LATE.format(now=":now")
    sql = f"""SELECT {key} AS key, {name} AS name, count(*) AS open, count(*) FILTER (WHERE {late}) AS late,
        count(*) FILTER (WHERE t.state = 'held') AS held, min(t.opened_at) AS oldest, {", ".join(counts)}
        {_FROM} WHERE t.project_id = :project_id AND {_LIVE}{condition}
        GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT 500"""
    return (await work.execute(text(sql), values)).all()
