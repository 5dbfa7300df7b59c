"""Living chains in a scope, for whoever looks after them. Whoever is barred from a chain does not see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text

from backend.db.work import Work
from backend.features.escalation.models import Escalation

_SEES: Final = (
    " JOIN node n ON n.id = e.node_id AND n.path && :scope AND NOT CAST(:account_id AS uuid) = ANY (e.barred)"
)
_WITHIN: Final = text(f"SELECT e.id FROM escalation e{_SEES} WHERE e.id = :id")
_BOARD: Final = text(
    f"""SELECT e.id, e.number, e.clock, e.subject_kind, e.subject_id, e.thread_id, e.node_id, n.name AS place,
    e.category, e.state, e.steps, e.step, e.round, e.due_at, e.next_at, e.version,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('page_id', p.id, 'account_id', p.account_id, 'name', a.name,
        'role', p.role, 'state', p.state, 'rung_at', p.rung_at, 'via', p.via) ORDER BY p.id), '[]')
        FROM page p JOIN account a ON a.id = p.account_id
        WHERE p.escalation_id = e.id AND (p.state IN ('waiting', 'ringing')
            OR p.state IN ('acknowledged', 'declined') AND p.step = e.step AND p.round = e.round)) AS people,
    (SELECT jsonb_build_object('reason', u.reason, 'since', u.since, 'until', u.until, 'by', w.name)
        FROM escalation_pause u JOIN account w ON w.id = u.by_id
        WHERE u.escalation_id = e.id AND e.state = 'paused' ORDER BY u.since DESC, u.id DESC LIMIT 1) AS pause
FROM escalation e{_SEES} WHERE e.state <> 'ended' AND (CAST(:state AS text) IS NULL OR e.state = :state)
    AND (CAST(:node_id AS uuid) IS NULL OR :node_id = ANY (n.path))
    AND (CAST(:id AS uuid) IS NULL OR e.id = :id)
    AND (CAST(:after AS timestamptz) IS NULL OR (e.next_at, e.id) > (:after, CAST(:after_id AS uuid)))
ORDER BY e.next_at, e.id LIMIT :limit"""
)


async def is_within(work: Work, chain_id: UUID, scope: Sequence[UUID], account_id: UUID) -> bool:
    """Whether somebody with a scope sees a chain."""
    asked = {"id": chain_id, "scope": list(scope), "account_id": account_id}
    return await work.scalar(_WITHIN, asked) is not None


async def chain(work: Work, chain_id: UUID) -> Escalation | None:
    """One chain as it stands."""
    return await work.get(Escalation, chain_id)


async def living(
    work: Work,
    scope: Sequence[UUID],
    account_id: UUID,
    *,
    node_id: UUID | None = None,
    state: str | None = None,
    id_: UUID | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 1,
) -> Sequence[Row[Any]]:
    """Living chains, the next to go on first."""
    asked = {
        "scope": list(scope),
        "account_id": account_id,
        "node_id": node_id,
        "state": state,
        "id": id_,
        "after": after[0] if after else None,
        "after_id": after[1] if after else None,
        "limit": limit,
    }
    return (await work.execute(_BOARD, asked)).all()
