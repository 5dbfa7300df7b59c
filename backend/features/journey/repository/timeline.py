"""An owner's journey: what phones ask for again and again, so all of its facts are one statement.

A cheaper statement tells only whether something of it changed. Both begin with the same head.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal, get_args
from uuid import UUID

from backend.db.direct import Direct
from backend.features.people.service import Asker
from backend.platform.threads import Audience, last_page_mark_sql, last_page_sql

_What = Literal["mark", "facts"]

PAGE: Final = 20
"""How many lines of what happened the first page holds."""

_COLUMNS = """m.id, m.obligation, m.occurrence, m.rank, m.step, m.state, m.first_due_on, m.due_on, m.due_at,
    m.provisional, m.done_at, m.owner_sees, m.done_by, m.evidence, m.promised_at,
    m.ends_at"""
# What is promised to the whole project concerns an owner from the day they signed.
_MILESTONES = f"""
    SELECT {_COLUMNS}, false AS shared FROM milestone m
    WHERE m.journey_id = j.id AND {{for_them}}
    UNION ALL
    SELECT {_COLUMNS}, true FROM milestone m
    WHERE m.journey_id = pj.id AND m.owner_sees AND o.signed_on IS NOT NULL
        AND (m.due_on IS NULL OR m.due_on >= o.signed_on)"""
# Whether its day was over when it was first promised, and nobody has said since what became of it; whether it was
# given up by then.
_BEFORE = """first_due_on < (promised_at AT TIME ZONE 'Asia/Shanghai')::date
            AND (state = 'missed' OR state = 'done' AND done_by IS NULL AND evidence = '[]'),
        coalesce(ends_at <= promised_at, false)"""
_PROMISES_MARK = f"""
    bit_xor(hash_record_extended(ROW(id, state, first_due_on, due_on, due_at, provisional, done_at,
        {_BEFORE}), 0)) AS mark"""
_PROMISES = f"""
    array_agg(ROW(id, shared, obligation, step, state, first_due_on, due_on, provisional,
        to_char(done_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), done_at <= due_at, owner_sees,
        {_BEFORE})
        ORDER BY due_on, rank, occurrence) AS promises"""

# Of each role that can be the contact the holder nearest to the home today (CT-31), the longest-serving of several.
_CONTACTS = """
    SELECT DISTINCT ON (c.role) c.role, a.id, a.name
    FROM position c JOIN account a ON a.id = c.account_id AND a.disabled_at IS NULL
    WHERE c.node_id = ANY (n.path) AND c.role = ANY ($4) AND c.since <= $3 AND (c.until IS NULL OR c.until > $3)
    ORDER BY c.role, array_position(n.path, c.node_id) DESC, c.since, c.id"""

# What both tell: where the words stand, who could be the contact, and one number for everything else.
_HEAD = f"""
    j.step, j.standard_version_id, pj.standard_version_id AS shared_version_id,
    (SELECT array_agg(ROW(role, id, name)) FROM ({_CONTACTS}) contact) AS contacts,
    hash_record_extended(ROW(j.id, j.thread_id, pj.step, h.building, h.unit, h.room, p.node_id, p.name,
        p.service_centre, p.hotline, p.service_hours, promised.mark, said.mark), 0) AS mark"""
_FACTS = f"""{_HEAD},
    j.thread_id, pj.step AS shared_step, h.building, h.unit, h.room, p.node_id AS project_id, p.name AS project,
    p.service_centre, p.hotline, p.service_hours, promised.promises, said.page AS lines"""

_FROM = """
FROM journey j
JOIN ownership o ON o.id = j.ownership_id
JOIN home h ON h.id = o.home_id
JOIN node n ON n.id = j.node_id
JOIN project p ON p.node_id = j.project_id
LEFT JOIN journey pj ON pj.project_id = j.project_id AND pj.ownership_id IS NULL
CROSS JOIN LATERAL (SELECT {promised} FROM ({milestones}) m) promised
CROSS JOIN LATERAL ({said}) said
WHERE j.ownership_id = asked.ownership_id AND {access}"""

_AT_HOME = """EXISTS (SELECT FROM household_member m WHERE m.ownership_id = j.ownership_id
    AND m.account_id = asked.account_id AND m.ended_at IS NULL AND m.role = ANY ($5))"""
_IN_SCOPE = "n.path && $5::uuid[]"

_GATHERED = """
SELECT asked.place, told.*
FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS asked (ownership_id, account_id, place)
CROSS JOIN LATERAL ({told} LIMIT 1) told"""


def _sql(what: _What, access: str, sees: Audience, for_them: str) -> str:
    """An owner never a line or a promise that is meant for employees."""
    thread = "j.thread_id", f"'{sees}'"
    if what == "mark":
        columns, promised, said = _HEAD, _PROMISES_MARK, last_page_mark_sql(*thread)
    else:
        columns, promised = _FACTS, f"{_PROMISES}, {_PROMISES_MARK}"
        said = last_page_sql(*thread, str(PAGE))
    milestones = _MILESTONES.format(for_them=for_them)
    told = _FROM.format(promised=promised, milestones=milestones, said=said, access=access)
    return _GATHERED.format(told=f"SELECT {columns}{told}")


_ASKERS: Final[Mapping[str, tuple[str, Audience, str]]] = {
    "household": (_AT_HOME, "all", "m.owner_sees"),
    "staff": (_IN_SCOPE, "staff", "true"),
}
_SQL = {(what, who): _sql(what, *asker) for what in get_args(_What) for who, asker in _ASKERS.items()}


async def timeline(
    direct: Direct,
    what: _What,
    ownership_id: UUID,
    asker: Asker,
    *,
    today: date,
    contact_roles: tuple[str, ...],
) -> Any | None:
    """A journey as the asker sees it; None when there is none for them.

    `facts` has all of it: `promises` as rows, the first page of the thread as JSON text in `lines`. `mark` has only the
    step, the versions, the `contacts`, and `mark`, a number that changes with all the rest; `facts` has them too.
    """
    found = await direct.gathered(
        _SQL[what, asker.who],
        (ownership_id, asker.account_id),
        (today, contact_roles, asker.by),
    )
    return found[0] if found else None
