"""What the sweep looks for: who waits for somebody that does not answer, and whose queue can move on."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.chat.rules import GONE_AFTER, Queue

# Open ones in the hands of somebody; not those that somebody deals with this moment, the next sweep finds them.
_LEFT: Final = text(
    """
SELECT c.id, c.project_id, c.agent_id, u.since AS unanswered_since,
    u.since IS NOT NULL AND g.given_at <= app_now() - gone.after
        AND coalesce(g.seen_at <= clock_timestamp() - gone.after, true) AS gone
FROM conversation c
JOIN agent g ON g.account_id = c.agent_id
CROSS JOIN (SELECT make_interval(secs => :gone) AS after) gone
CROSS JOIN LATERAL (SELECT conversation_unanswered_since(c.thread_id) AS since) u
WHERE c.state = 'assigned' AND (u.since IS NOT NULL OR c.agent_id = ANY (:over))
ORDER BY c.id FOR NO KEY UPDATE OF c SKIP LOCKED
"""
)
_QUEUES: Final = text(
    "SELECT DISTINCT project_id, role FROM conversation WHERE state = 'waiting' ORDER BY project_id, role"
)
_LOADS: Final = text(
    "SELECT g.account_id, g.load, count(c.id) AS held FROM agent g"
    " LEFT JOIN conversation c ON c.agent_id = g.account_id AND c.state = 'assigned'"
    " GROUP BY g.account_id HAVING g.load <> count(c.id)"
)
_SWEEPS: Final = text(
    "SELECT EXISTS (SELECT FROM timer WHERE kind = :kind AND state = 'pending')"
    " OR NOT EXISTS (SELECT FROM conversation WHERE state <> 'closed')"
)
_UNANSWERED: Final = text("SELECT conversation_unanswered_since(:thread_id)")


async def left_waiting(work: Work, over: Collection[UUID]) -> Sequence[Any]:
    """Conversations in the hands of somebody whose owner waits, or whose agent is `over`: off duty now; locked."""
    return (await work.execute(_LEFT, {"gone": GONE_AFTER.total_seconds(), "over": list(over)})).all()


async def queues(work: Work) -> list[Queue]:
    """Where somebody waits."""
    return [(row.project_id, row.role) for row in await work.execute(_QUEUES)]


async def unanswered_since(work: Work, thread_id: UUID) -> Any | None:
    """Since when an owner's line has waited for an answer; None: none does."""
    return await work.scalar(_UNANSWERED, {"thread_id": thread_id})


async def wrong_loads(work: Work) -> Sequence[Any]:
    """Agents whose load is not what they hold: `account_id`, `load`, `held`. There are none."""
    return (await work.execute(_LOADS)).all()


async def is_swept(work: Work, kind: str) -> bool:
    """Whether the sweep's timer runs, as long as a conversation is open."""
    return bool(await work.scalar(_SWEEPS, {"kind": kind}))
