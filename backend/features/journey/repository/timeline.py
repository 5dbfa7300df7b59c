"""An owner's journey: what phones ask for again and again, so all of its facts are one statement.

A cheaper statement tells only whether something of it changed. Both begin with the same head.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from backend.db.direct import Direct
from backend.platform.threads import Audience, last_page_mark_sql, last_page_sql

PAGE: Final = 20
"""How many lines of what happened the first page holds."""

# What is promised to the whole project concerns an owner from the day they signed.
_PROJECT_FROM = "o.signed_on IS NOT NULL AND (m.due_on IS NULL OR m.due_on >= o.signed_on)"
_MILESTONES = f"""
    SELECT m.*, false AS shared FROM milestone m
    WHERE m.journey_id = j.id AND (m.owner_sees OR $4 = 'staff')
    UNION ALL
    SELECT m.*, true AS shared FROM milestone m
    WHERE m.journey_id = pj.id AND m.owner_sees AND {_PROJECT_FROM}"""

# Of each role that can be the contact the holder nearest to the home today (CT-31), the longest-serving of several.
_CONTACTS = """
    SELECT DISTINCT ON (c.role) c.role, a.id, a.name
    FROM position c JOIN account a ON a.id = c.account_id AND a.disabled_at IS NULL
    WHERE c.node_id = ANY (n.path) AND c.role = ANY ($3) AND c.since <= $2 AND (c.until IS NULL OR c.until > $2)
    ORDER BY c.role, array_position(n.path, c.node_id) DESC, c.since, c.id"""

_HEAD = f"""
    j.id, j.standard_version_id, j.step, j.thread_id, pj.standard_version_id AS shared_version_id,
    pj.step AS shared_step, h.building, h.unit, h.room, p.node_id AS project_id, p.name AS project, p.service_centre,
    p.hotline, p.service_hours, (SELECT array_agg(ROW(role, id, name)) FROM ({_CONTACTS}) contact) AS contacts,
    (SELECT sum(hash_record_extended(
        ROW(m.id, m.state, m.due_on, m.first_due_on, m.provisional, m.done_at, m.due_at), 0
    )) FROM ({_MILESTONES}) m) AS promises_mark,
    ({last_page_mark_sql("j.thread_id", "$4", "$5")}) AS lines_mark"""

_FROM = """
FROM journey j
JOIN ownership o ON o.id = j.ownership_id
JOIN home h ON h.id = o.home_id
JOIN node n ON n.id = j.node_id
JOIN project p ON p.node_id = j.project_id
LEFT JOIN journey pj ON pj.project_id = j.project_id AND pj.ownership_id IS NULL
WHERE j.ownership_id = $1 AND """

_FACTS = f"""{_HEAD},
    (SELECT array_agg(ROW(m.id, m.shared, m.obligation, m.step, m.state, m.first_due_on, m.due_on, m.provisional,
        to_char(m.done_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), m.done_at <= m.due_at, m.owner_sees)
        ORDER BY m.due_on, m.rank, m.occurrence) FROM ({_MILESTONES}) m) AS promises,
    ({last_page_sql("j.thread_id", "$4", "$5")}) AS lines"""

_AT_HOME = """EXISTS (SELECT FROM household_member m WHERE m.ownership_id = j.ownership_id
    AND m.account_id = $6 AND m.ended_at IS NULL AND m.role = ANY ($7))"""
_IN_SCOPE = "n.path && $6::uuid[]"

_SQL = {
    (what, who): f"SELECT {columns} {_FROM} {access}"
    for what, columns in (("mark", _HEAD), ("facts", _FACTS))
    for who, access in (("household", _AT_HOME), ("staff", _IN_SCOPE))
}


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a member of the household by account and the roles that may, or an employee by the nodes in scope."""

    who: Literal["household", "staff"]
    by: tuple[Any, ...]

    @property
    def sees(self) -> Audience:
        """An owner never a line or a promise that is meant for employees."""
        return "staff" if self.who == "staff" else "all"


def member(account_id: UUID, roles: Sequence[str]) -> Asker:
    """Somebody of the household in one of these roles."""
    return Asker("household", (account_id, roles))


def employee(scope: Sequence[UUID]) -> Asker:
    """An employee over these nodes and what is below them."""
    return Asker("staff", (scope,))


async def timeline(
    direct: Direct,
    what: Literal["mark", "facts"],
    ownership_id: UUID,
    asker: Asker,
    *,
    today: date,
    contact_roles: Sequence[str],
) -> Any | None:
    """A journey as the asker sees it; None when there is none for them.

    `facts` has all of it: `promises` as rows, the first page of the thread as JSON text in `lines`. `mark` has the same
    head, without those two, and numbers that change when they do.
    """
    return await direct.row(
        _SQL[what, asker.who], ownership_id, today, contact_roles, asker.sees, PAGE, *asker.by
    )
