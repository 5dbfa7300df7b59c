"""Tickets of homes, for whoever talks with the people who live there."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.words import listed
from backend.db.work import Work
from backend.features.repairs.rules.states import ENDED

_BESIDE: Final = text(
    f"""SELECT t.id, t.thread_id, t.ownership_id, t.place, t.component, t.description, t.urgent, t.state,
    e.name AS engineer, t.opened_at, t.ended_at,
    (SELECT min(k.due_at) FROM ticket_clock k WHERE k.ticket_id = t.id AND k.state IN ('running', 'breached')) AS due_at
FROM ticket t LEFT JOIN account e ON e.id = t.engineer_id
WHERE t.ownership_id = ANY (:ids) ORDER BY t.state IN ({listed(ENDED)}), t.opened_at DESC, t.id DESC LIMIT :limit"""
)


async def tickets_of(work: Work, ownership_ids: Sequence[UUID], limit: int) -> Sequence[Any]:
    """The tickets of these homes: first those that live, the newest first."""
    return (await work.execute(_BESIDE, {"ids": list(ownership_ids), "limit": limit})).all()
