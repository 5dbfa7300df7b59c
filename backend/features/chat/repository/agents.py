"""Agents in SQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from backend.db.work import Work
from backend.features.chat.models import Agent
from backend.features.chat.rules import GONE_AFTER, AtDesk

_HERE: Final = "coalesce(seen_at > clock_timestamp() - make_interval(secs => :gone), false)"
_DESKS: Final = (
    f'SELECT account_id, state, {_HERE} AS here, "limit", load, skills, given_at FROM agent'
    " WHERE account_id = ANY (:ids) ORDER BY account_id"
)
_LOOK, _LOCK = text(_DESKS), text(f"{_DESKS} FOR NO KEY UPDATE")
# In one order for everybody, so that two nodes never wait for each other in a circle.
_SEEN: Final = text(
    "WITH these AS (SELECT account_id FROM agent WHERE account_id = ANY (:ids) ORDER BY account_id FOR NO KEY UPDATE)"
    " UPDATE agent SET seen_at = clock_timestamp() FROM these WHERE agent.account_id = these.account_id"
)
_SHIFTS: Final = text(
    "UPDATE agent SET on_shift = true, shift_until = new.until FROM"
    " unnest(CAST(:ids AS uuid[]), CAST(:untils AS timestamptz[])) AS new (id, until)"
    " WHERE account_id = new.id AND state <> 'off'"
)
_OFF: Final = text(
    "UPDATE agent SET state = 'off', on_shift = false, shift_until = NULL, version = version + 1"
    " WHERE account_id = ANY (:ids) AND on_shift"
)
_AT_DESK: Final = text(
    "SELECT account_id, on_shift, shift_until FROM agent WHERE state <> 'off' ORDER BY account_id"
)
_STANDS: Final = (
    f'SELECT g.account_id, a.name, g.state, {_HERE} AS here, g."limit", g.load, g.skills, g.shift_until'
    " FROM agent g JOIN account a ON a.id = g.account_id"
)
_ONE: Final = text(f"{_STANDS} WHERE g.account_id = :id")
_LIST: Final = text(
    f"{_STANDS} WHERE a.disabled_at IS NULL AND g.account_id > :after AND EXISTS ("
    "SELECT FROM position s JOIN node n ON n.id = s.node_id WHERE s.account_id = g.account_id AND s.role = ANY (:roles)"
    " AND s.since <= :today AND (s.until IS NULL OR s.until > :today)"
    " AND (n.path && :scope) AND (CAST(:project_id AS uuid) IS NULL OR s.node_id = ANY ("
    "SELECT unnest(path) FROM node WHERE id = :project_id)))"
    " ORDER BY g.account_id LIMIT :limit"
)

_GONE: Final = GONE_AFTER.total_seconds()


async def at_desk(work: Work, ids: Collection[UUID], *, lock: bool) -> list[AtDesk]:
    """These agents as assignment sees them; locked in the order of their ids, so that nobody else fills them up."""
    rows = await work.execute(_LOCK if lock else _LOOK, {"ids": list(ids), "gone": _GONE})
    return [
        AtDesk(row.account_id, row.state, row.here, row.limit, row.load, frozenset(row.skills), row.given_at)
        for row in rows
    ]


async def add_missing(work: Work, account_id: UUID) -> None:
    """Have a row for an employee who comes to the desk for the first time."""
    await work.execute(insert(Agent).values(account_id=account_id).on_conflict_do_nothing())


async def lock_agent(work: Work, account_id: UUID) -> Agent:
    """An agent's own row, locked; made when there is none."""
    await add_missing(work, account_id)
    return await work.get_one(Agent, account_id, with_for_update={"key_share": True}, populate_existing=True)


async def note_seen(work: Work, ids: Collection[UUID]) -> None:
    """These are there at this moment; who is no agent is passed over."""
    await work.execute(_SEEN, {"ids": list(ids)})


async def note_shifts(work: Work, untils: dict[UUID, datetime | None]) -> None:
    """Until when these are on duty."""
    await work.execute(_SHIFTS, {"ids": list(untils), "untils": list(untils.values())})


async def send_off(work: Work, ids: Collection[UUID]) -> None:
    """Their shift is over."""
    await work.execute(_OFF, {"ids": list(ids)})


async def not_off(work: Work) -> Sequence[Any]:
    """Everybody at the desk, with what is known of their shift: `account_id`, `on_shift`, `shift_until`."""
    return (await work.execute(_AT_DESK)).all()


async def agents_page(work: Work, asked: dict[str, Any]) -> Sequence[Any]:
    """A page of those who answer the hotline somewhere in `scope`, or for one project."""
    return (await work.execute(_LIST, asked | {"gone": _GONE})).all()


async def agent(work: Work, account_id: UUID) -> Any:
    """An agent that there is, as they stand."""
    return (await work.execute(_ONE, {"id": account_id, "gone": _GONE})).one()
