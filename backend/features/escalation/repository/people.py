"""Who is called: names for lines, and who looks after a place."""

from collections.abc import Collection
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

_NAMES: Final = text("SELECT id, name FROM account WHERE id = ANY (:ids)")
_LOOKS_AFTER: Final = text(
    "SELECT s.role, s.node_id FROM node n JOIN position s ON s.node_id = ANY (n.path)"
    " JOIN account a ON a.id = s.account_id AND a.kind = 'staff' AND a.disabled_at IS NULL"
    " WHERE n.id = :node_id AND s.account_id = :account_id AND s.since <= :today"
    " AND (s.until IS NULL OR s.until > :today)"
    " ORDER BY array_position(n.path, s.node_id) DESC, s.id LIMIT 1"
)


class Called(NamedTuple):
    """An employee's name, as lines for staff give it."""

    id: UUID
    name: str | None


async def called(work: Work, account_ids: Collection[UUID]) -> dict[UUID, Called]:
    """These accounts."""
    rows = await work.execute(_NAMES, {"ids": list(account_ids)})
    return {row.id: Called(row.id, row.name) for row in rows}


async def looks_after(work: Work, account_id: UUID, node_id: UUID, today: date) -> Any | None:
    """An employee's position nearest to a node, there or above it, with `role` and `node_id`; None: they have none."""
    asked = {"account_id": account_id, "node_id": node_id, "today": today}
    return (await work.execute(_LOOKS_AFTER, asked)).one_or_none()
