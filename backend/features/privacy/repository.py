"""Reveals and consents in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.privacy.rules import Use

_MINE = text(
    "SELECT r.id, r.field, r.reason, r.at, r.actor_role, a.name AS actor_name"
    " FROM reveal r JOIN account a ON a.id = r.actor_id"
    " WHERE r.subject_id = :subject_id AND (CAST(:before AS uuid) IS NULL OR r.id < :before)"
    " ORDER BY r.id DESC LIMIT :limit"
)
# Two who speak for one account at once follow one another, so that each sees the last word before its own.
_LOCK = text("SELECT FROM account WHERE id = :account_id FOR NO KEY UPDATE")
_CONSENTS = text("SELECT use, number, given, at FROM consent_now WHERE account_id = :account_id")
_SAY = text(
    "INSERT INTO consent (account_id, use, number, given, at, by_id)"
    " VALUES (:account_id, :use, :number, :given, :at, :by_id)"
)
_WITHOUT = text(
    "SELECT asked.id, coalesce(c.number, 0) AS number FROM unnest(CAST(:ids AS uuid[])) AS asked(id)"
    " LEFT JOIN LATERAL (SELECT number, given FROM consent"
    " WHERE account_id = asked.id AND use = :use ORDER BY number DESC LIMIT 1) c ON true"
    " WHERE c.given IS NOT TRUE"
)


async def reveals_of(work: Work, subject_id: UUID, before: UUID | None, limit: int) -> Sequence[Any]:
    """A page of what was revealed of a person, the newest first."""
    return (await work.execute(_MINE, {"subject_id": subject_id, "before": before, "limit": limit})).all()


async def lock_consents(work: Work, account_id: UUID) -> None:
    """Hold what an account consents to until this commits."""
    await work.execute(_LOCK, {"account_id": account_id})


async def consents_of(work: Work, account_id: UUID) -> Sequence[Any]:
    """use, number, given, at: the last word of an account on each use it ever spoke of."""
    return (await work.execute(_CONSENTS, {"account_id": account_id})).all()


async def say_consent(
    work: Work, account_id: UUID, use: Use, number: int, given: bool, at: datetime, by_id: UUID
) -> None:
    """Write down the next word of an account on a use."""
    line = {
        "account_id": account_id,
        "use": use,
        "number": number,
        "given": given,
        "at": at,
        "by_id": by_id,
    }
    await work.execute(_SAY, line)


async def without_consent(work: Work, use: Use, account_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Those of these accounts whose last word on a use is not yes, with its number; 0: they never spoke."""
    found = await work.execute(_WITHOUT, {"use": use, "ids": list(account_ids)})
    return {row.id: row.number for row in found}
