"""What the audit and the metrics ask: what lives without a timer, what is late, what rings unanswered."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from backend.db.work import Work

_UNTIMED_CHAINS = text(
    "SELECT e.subject_kind, e.number, e.clock FROM escalation e WHERE e.state <> 'ended' AND NOT EXISTS ("
    "SELECT FROM timer m WHERE m.kind = :kind AND m.key = e.id::text AND m.state IN ('pending', 'parked'))"
    " ORDER BY e.next_at, e.id LIMIT 100"
)
_UNTIMED_PAGES = text(
    "SELECT p.account_id, count(*) AS many FROM page p WHERE p.state = 'waiting' AND NOT EXISTS ("
    "SELECT FROM timer m WHERE m.kind = :kind AND m.key = p.account_id::text AND m.state IN ('pending', 'parked'))"
    " GROUP BY p.account_id ORDER BY p.account_id LIMIT 100"
)
# From when it was made: a page of a step that was missed is late already when it is made.
_LATE = text(
    "SELECT e.subject_kind, e.number, p.due_at FROM page p JOIN escalation e ON e.id = p.escalation_id"
    " WHERE p.state = 'waiting' AND p.made_at < app_now() - make_interval(mins => :minutes) ORDER BY p.due_at LIMIT 100"
)
# Its step has never made a page, and nobody who was called before could still answer: nobody was there at all.
_UNHEARD = text(
    "SELECT e.subject_kind, e.number, e.clock FROM escalation e WHERE e.state = 'calling' AND e.round > 0"
    " AND NOT EXISTS (SELECT FROM page p WHERE p.escalation_id = e.id"
    " AND (p.step = e.step OR p.state IN ('waiting', 'ringing')))"
    " ORDER BY e.next_at, e.id LIMIT 100"
)
_STANDS = text(
    "SELECT state, count(*) AS many FROM escalation WHERE state <> 'ended' GROUP BY state ORDER BY state"
)
_RINGING = text(
    "SELECT count(*) FILTER (WHERE p.state = 'ringing') AS ringing,"
    " count(*) FILTER (WHERE p.state = 'waiting') AS waiting,"
    " coalesce(extract(epoch FROM app_now() - min(p.rung_at) FILTER (WHERE e.state = 'calling')), 0) AS oldest"
    " FROM page p JOIN escalation e ON e.id = p.escalation_id WHERE p.state IN ('waiting', 'ringing')"
)


async def untimed_chains(work: Work, kind: str) -> Sequence[Row[Any]]:
    """Living chains without a timer at which they go on."""
    return (await work.execute(_UNTIMED_CHAINS, {"kind": kind})).all()


async def untimed_pages(work: Work, kind: str) -> Sequence[Row[Any]]:
    """People for whom pages wait without a timer at which they ring."""
    return (await work.execute(_UNTIMED_PAGES, {"kind": kind})).all()


async def late(work: Work, minutes: int) -> Sequence[Row[Any]]:
    """Pages that have waited for longer than that to ring."""
    return (await work.execute(_LATE, {"minutes": minutes})).all()


async def unheard(work: Work) -> Sequence[Row[Any]]:
    """Chains that call and have nobody who could hear it."""
    return (await work.execute(_UNHEARD)).all()


async def stands(work: Work) -> Sequence[Row[Any]]:
    """How many chains live, by state."""
    return (await work.execute(_STANDS)).all()


async def ringing(work: Work) -> Row[Any]:
    """How many pages ring and wait, and for how many seconds the oldest that nobody has answered has rung."""
    return (await work.execute(_RINGING)).one()
