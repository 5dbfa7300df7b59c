"""Reveals in SQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

_MINE = text(
    "SELECT r.id, r.field, r.reason, r.at, r.actor_role, a.name AS actor_name"
    " FROM reveal r JOIN account a ON a.id = r.actor_id"
    " WHERE r.subject_id = :subject_id AND (CAST(:before AS uuid) IS NULL OR r.id < :before)"
    " ORDER BY r.id DESC LIMIT :limit"
)


async def reveals_of(work: Work, subject_id: UUID, before: UUID | None, limit: int) -> Sequence[Any]:
    """A page of what was revealed of a person, the newest first."""
    return (await work.execute(_MINE, {"subject_id": subject_id, "before": before, "limit": limit})).all()
