"""Conversations as they are shown: one, a page of them, a queue, a place in line."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.chat.repository.seeing import owner_sees, owners, staff_see, takes_part

_BEHIND: Final = (
    "SELECT count(*) FROM conversation q WHERE q.state = 'waiting' AND q.project_id = c.project_id AND q.role = c.role"
    " AND (q.waiting_since, q.id) <= (c.waiting_since, c.id)"
)
_SHOWN: Final = f"""
SELECT c.*, p.name AS project, h.building, h.unit, h.room, a.name AS caller_name, a.phone AS caller_phone,
    a.locale AS caller_locale, p.hotline,
    g.name AS agent_name, d.name AS told_name, r.stars, r.text AS rating_text,
    CASE WHEN c.opened_by IS DISTINCT FROM c.account_id THEN c.opened_at
        ELSE conversation_first_answer(c.thread_id) END AS first_answered_at,
    CASE WHEN c.state = 'waiting' THEN ({_BEHIND}) END AS place
FROM conversation c
JOIN project p ON p.node_id = c.project_id
LEFT JOIN ownership o ON o.id = c.ownership_id LEFT JOIN home h ON h.id = o.home_id
LEFT JOIN account a ON a.id = c.account_id
LEFT JOIN account g ON g.id = c.agent_id
LEFT JOIN account d ON d.id = c.told_id
LEFT JOIN rating r ON r.conversation_id = c.id
"""
_ONE: Final = text(f"{_SHOWN} WHERE c.id = :id")
_PEOPLE: Final = text(
    "SELECT t.account_id, t.part, t.since, a.name, a.kind FROM participant t JOIN account a ON a.id = t.account_id"
    " WHERE t.conversation_id = :id AND t.until IS NULL ORDER BY t.since, t.id"
)
_AFTER: Final = "(CAST(:at AS timestamptz) IS NULL OR (c.opened_at, c.id) < (:at, :after_id))"
_NEWEST: Final = "ORDER BY c.opened_at DESC, c.id DESC LIMIT :limit"
_MINE: Final = text(
    f"{_SHOWN} WHERE c.id IN ({owners(':account_id', ':roles', 'id')}) AND {_AFTER} {_NEWEST}"
)
_SEEN: Final = f"{_SHOWN} WHERE {staff_see(':account_id', ':roles', ':today')} AND {_AFTER}"
_FILTERS: Final = {
    "state": "c.state = :state",
    "project_id": "c.project_id = :project_id",
    "agent_id": "c.agent_id = :agent_id",
    "mine": f"EXISTS ({takes_part(':account_id')})",
    "about": ("c.id <> :about AND (c.account_id = :about_account OR c.ownership_id = :about_ownership)"),
}

# What was said last by the owner's side, for whoever looks over the queue.
_PREVIEW: Final = """
    SELECT e.kind, e.body FROM entry e
    WHERE e.thread_id = c.thread_id AND e.audience = 'all'
        AND e.kind IN ('text', 'photo', 'file', 'voice', 'place')
        AND NOT EXISTS (SELECT FROM entry w WHERE w.thread_id = e.thread_id AND w.hides = e.seq)
    ORDER BY e.seq DESC LIMIT 1"""
_QUEUE: Final = f"""
SELECT c.id, c.thread_id, c.project_id, p.name AS project, c.role, c.skill, c.channel, c.waiting_since, c.promised_at,
    c.told_role, h.building, h.unit, h.room, a.name AS caller_name, c.caller_note,
    ({_BEHIND}) AS place, said.kind AS said_kind, said.body AS said_body
FROM conversation c
JOIN project p ON p.node_id = c.project_id
LEFT JOIN ownership o ON o.id = c.ownership_id LEFT JOIN home h ON h.id = o.home_id
LEFT JOIN account a ON a.id = c.account_id
LEFT JOIN LATERAL ({_PREVIEW}) said ON true
WHERE c.state = 'waiting' AND (CAST(:project_id AS uuid) IS NULL OR c.project_id = :project_id)
    AND {staff_see(":account_id", ":roles", ":today")}
    AND (CAST(:since AS timestamptz) IS NULL OR (c.waiting_since, c.id) > (:since, :after_id))
ORDER BY c.waiting_since, c.id LIMIT :limit
"""
_IN_LINE: Final = text(
    "SELECT id FROM conversation WHERE state = 'waiting' AND project_id = ANY (:project_ids)"
    " ORDER BY waiting_since, id LIMIT 500"
)
_WAITED_IN: Final = (
    "SELECT DISTINCT project_id FROM conversation WHERE thread_id = ANY ($1) AND state = 'waiting'"
)
_PLACE: Final = f"""
SELECT c.id, c.state, c.promised_at, g.name AS agent_name, CASE WHEN c.state = 'waiting' THEN ({_BEHIND}) END AS place
FROM conversation c LEFT JOIN account g ON g.id = c.agent_id WHERE c.id = $1 AND """
_MY_PLACE, _ITS_PLACE = f"{_PLACE}{owner_sees('$2', '$3')}", f"{_PLACE}{staff_see('$2', '$3', '$4')}"
_NOBODY: Final = UUID(int=0)


async def one(work: Work, id_: UUID) -> Any:
    """A conversation that there is, with what belongs to it."""
    return (await work.execute(_ONE, {"id": id_})).one()


async def people(work: Work, id_: UUID) -> Sequence[Any]:
    """Who takes part in it now."""
    return (await work.execute(_PEOPLE, {"id": id_})).all()


async def mine(
    work: Work, account_id: UUID, roles: Sequence[str], after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Any]:
    """A page of those an owner's account sees, the newest first."""
    asked = {"account_id": account_id, "roles": list(roles), "limit": limit}
    return (await work.execute(_MINE, asked | _after(after))).all()


async def seen(
    work: Work,
    account_id: UUID,
    roles: Sequence[str],
    today: date,
    filters: dict[str, Any],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """A page of those an employee sees, the newest first. `filters` by the names of `_FILTERS`."""
    conditions = "".join(f" AND {_FILTERS[name]}" for name in filters if name in _FILTERS)
    asked = {"account_id": account_id, "roles": list(roles), "today": today, "limit": limit}
    given = {name: value for name, value in filters.items() if name != "mine"}
    sql = text(f"{_SEEN}{conditions} {_NEWEST}")
    return (await work.execute(sql, asked | given | _after(after))).all()


async def queue(
    work: Work,
    account_id: UUID,
    roles: Sequence[str],
    today: date,
    project_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """Those that wait, longest first, as far as an employee sees them."""
    since, after_id = after or (None, _NOBODY)
    asked = {
        "account_id": account_id, "roles": list(roles), "today": today, "project_id": project_id,
        "since": since, "after_id": after_id, "limit": limit,
    }  # fmt: skip
    return (await work.execute(text(_QUEUE), asked)).all()


async def in_line(work: Work, project_ids: Sequence[UUID]) -> list[UUID]:
    """The first five hundred that wait in these projects: those who look at their place in line."""
    return list(await work.scalars(_IN_LINE, {"project_ids": list(project_ids)}))


async def waited_in(direct: Direct, thread_ids: Collection[UUID]) -> list[UUID]:
    """The projects in whose queues a conversation on one of these threads waits."""
    return [row["project_id"] for row in await direct.fetch(_WAITED_IN, list(thread_ids))]


async def my_place(direct: Direct, id_: UUID, account_id: UUID, roles: Sequence[str]) -> Any | None:
    """Where a conversation stands in line, for an owner's account that sees it."""
    return await direct.row(_MY_PLACE, id_, account_id, roles)


async def its_place(
    direct: Direct, id_: UUID, account_id: UUID, roles: Sequence[str], today: date
) -> Any | None:
    """The same, for an employee who sees it."""
    return await direct.row(_ITS_PLACE, id_, account_id, roles, today)


def _after(after: tuple[datetime, UUID] | None) -> dict[str, Any]:
    at, id_ = after or (None, _NOBODY)
    return {"at": at, "after_id": id_}
