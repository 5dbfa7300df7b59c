"""Pauses of chains."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

_RESUMED: Final = text(
    "UPDATE escalation_pause SET resumed_at = :now, resumed_by = :by_id WHERE id = (SELECT id FROM escalation_pause"
    " WHERE escalation_id = :chain_id ORDER BY since DESC, id DESC LIMIT 1)"
)


async def resumed(work: Work, chain_id: UUID, by_id: UUID, now: datetime) -> None:
    """Note who ended the last pause of a chain before its time."""
    await work.execute(_RESUMED, {"chain_id": chain_id, "by_id": by_id, "now": now})
