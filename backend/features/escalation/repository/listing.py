"""Pages as they are shown: to who was called, to agents who call them, to who looks after the place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text

from backend.db.work import Work

PageRow = Row[Any]
"""A page with what its chain says: see `_SHOWN`."""

_SHOWN: Final = """p.id, p.version, p.state, p.account_id, p.step, p.round, p.role, p.due_at, p.rung_at, p.closed_at,
    p.via, p.reason, p.from_page_id, e.id AS escalation_id, e.number, e.clock, e.subject_kind, e.subject_id,
    e.thread_id, e.due_at AS promised_at, e.state AS chain_state, e.next_at, jsonb_array_length(e.steps) AS steps"""

_MINE: Final = text(
    f"SELECT {_SHOWN} FROM page p JOIN escalation e ON e.id = p.escalation_id"
    " WHERE p.account_id = :account_id AND (NOT :open OR p.state IN ('waiting', 'ringing'))"
    " AND (CAST(:before AS uuid) IS NULL OR p.id < :before) ORDER BY p.id DESC LIMIT :limit"
)
_ONE: Final = text(
    f"SELECT {_SHOWN} FROM page p JOIN escalation e ON e.id = p.escalation_id WHERE p.id = ANY (:ids) ORDER BY p.id"
)
_OF_BUNDLE: Final = text(
    f"SELECT {_SHOWN} FROM page p JOIN escalation e ON e.id = p.escalation_id WHERE p.bundle_id = :bundle_id"
    " ORDER BY e.due_at, p.id"
)
# Whoever is barred from a chain calls nobody about it, and nobody calls themselves.
_CALLED: Final = """page_bundle b JOIN page p ON p.bundle_id = b.id
JOIN escalation e ON e.id = p.escalation_id AND 'telephone' = ANY (e.channels) AND NOT :caller_id = ANY (e.barred)
JOIN node n ON n.id = e.node_id AND n.path && :scope"""
_CALL: Final = """b.id, b.account_id, a.name, b.rung_at, jsonb_agg(jsonb_build_object('page_id', p.id, 'number',
    e.number, 'clock', e.clock, 'role', p.role, 'promised_at', e.due_at) ORDER BY e.due_at, p.id) AS pages,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('at', c.at, 'reached', c.reached, 'said', c.said, 'by', w.name)
        ORDER BY c.at, c.id), '[]') FROM page_call c JOIN account w ON w.id = c.by_id
        WHERE c.bundle_id = b.id) AS calls"""
# First which they are, of perhaps ten thousand; then what stands on those few.
_CALLS: Final = text(
    f"""WITH picked AS MATERIALIZED (
    SELECT b.id FROM {_CALLED} WHERE p.state = 'ringing' AND b.account_id <> :caller_id
        AND (CAST(:after AS timestamptz) IS NULL OR (b.rung_at, b.id) > (:after, CAST(:after_id AS uuid)))
    GROUP BY b.id ORDER BY b.rung_at, b.id LIMIT :limit
) SELECT {_CALL} FROM {_CALLED} JOIN account a ON a.id = b.account_id
WHERE b.id IN (SELECT id FROM picked) AND p.state = 'ringing' GROUP BY b.id, a.name ORDER BY b.rung_at, b.id"""
)
_CALL_OF: Final = text(
    f"SELECT {_CALL} FROM {_CALLED} JOIN account a ON a.id = b.account_id"
    " WHERE b.id = :id AND b.account_id <> :caller_id GROUP BY b.id, a.name"
)


async def mine(
    work: Work, account_id: UUID, before: UUID | None, limit: int, *, open_only: bool
) -> Sequence[PageRow]:
    """Somebody's pages, the newest first."""
    asked = {"account_id": account_id, "open": open_only, "before": before, "limit": limit}
    return (await work.execute(_MINE, asked)).all()


async def pages_shown(work: Work, ids: Sequence[UUID]) -> Sequence[PageRow]:
    """These pages."""
    return (await work.execute(_ONE, {"ids": list(ids)})).all()


async def pages_of_bundle(work: Work, bundle_id: UUID) -> Sequence[PageRow]:
    """What rang in a bundle, the soonest promise first."""
    return (await work.execute(_OF_BUNDLE, {"bundle_id": bundle_id})).all()


async def calls_to_make(
    work: Work, caller_id: UUID, scope: Sequence[UUID], after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[PageRow]:
    """Bundles with pages in a scope that are to be confirmed by telephone, the longest unanswered first."""
    asked = {
        "caller_id": caller_id,
        "scope": list(scope),
        "after": after[0] if after else None,
        "after_id": after[1] if after else None,
        "limit": limit,
    }
    return (await work.execute(_CALLS, asked)).all()


async def call_of(work: Work, caller_id: UUID, scope: Sequence[UUID], bundle_id: UUID) -> PageRow | None:
    """One such bundle, with all its pages in the scope, whatever has become of them."""
    asked = {"caller_id": caller_id, "scope": list(scope), "id": bundle_id}
    return (await work.execute(_CALL_OF, asked)).one_or_none()
