"""Who holds a role at a node, in SQL."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.core.clock import local_date
from backend.db.work import Work

_FIRST: Final = text(
    "SELECT a.id, a.name FROM position s JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL"
    " WHERE s.node_id = :node_id AND s.role = :role AND s.since <= :today AND (s.until IS NULL OR s.until > :today)"
    " ORDER BY s.since, s.id LIMIT 1"
)


async def first_holder(work: Work, node_id: UUID, role: str, now: datetime) -> Any | None:
    """Who has held a role at a node longest: `id` and `name`."""
    asked = {"node_id": node_id, "role": role, "today": local_date(now)}
    return (await work.execute(_FIRST, asked)).one_or_none()
