"""Deliveries for operators: what is in doubt, what is stopped, what waits."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.notices.repository.telling import SIGNAL

_LISTED: Final = (
    "id, notice_id, account_id, kind, channel, address, lane, state, attempts, tried_at, not_before, expires_at,"
    " provider_id, reason, created_at"
)
_PAGE: Final = text(
    f"SELECT {_LISTED} FROM delivery WHERE state = :state AND (CAST(:channel AS text) IS NULL OR channel = :channel)"
    " AND (CAST(:after AS uuid) IS NULL OR id > :after) ORDER BY id LIMIT :limit"
)
_STATE: Final = text("SELECT state FROM delivery WHERE id = :id FOR NO KEY UPDATE")
_RESEND: Final = text(
    "WITH sent AS (UPDATE delivery SET state = 'waiting', not_before = app_now(),"
    " decided_by = :who, decided_why = :why,"
    f" expires_at = greatest(expires_at, app_now() + interval '1 hour') WHERE id = :id RETURNING {_LISTED})"
    " SELECT sent.*, pg_notify(:signal, sent.lane) FROM sent"
)
_DROP: Final = text(
    "UPDATE delivery SET state = 'given_up', decided_by = :who, decided_why = :why, sealed = NULL WHERE id = :id"
    f" RETURNING {_LISTED}"
)
_CHANNELS: Final = text(
    "SELECT c.channel, s.reason, s.since,"
    " (SELECT count(*) FROM delivery d WHERE d.channel = c.channel AND d.state IN ('waiting', 'deferred')) AS waiting,"
    " (SELECT count(*) FROM delivery d WHERE d.channel = c.channel AND d.state = 'ambiguous') AS ambiguous"
    " FROM unnest(ARRAY['push', 'sms', 'email']) c (channel) LEFT JOIN stopped_channel s ON s.channel = c.channel"
    " ORDER BY c.channel"
)
_LATE: Final = text(
    "SELECT lane, channel, count(*) AS count, min(not_before) AS since FROM delivery"
    " WHERE state = 'waiting' AND not_before < app_now() - make_interval(mins => :minutes) GROUP BY lane, channel"
)


async def page(
    work: Work, *, state: str, channel: str | None, after: UUID | None, limit: int
) -> Sequence[Any]:
    """Deliveries in a state, the oldest first."""
    values = {"state": state, "channel": channel, "after": after, "limit": limit}
    return (await work.execute(_PAGE, values)).all()


async def locked_state(work: Work, delivery_id: UUID) -> str | None:
    """The state of a delivery, which nobody changes until this transaction ends."""
    found: str | None = await work.scalar(_STATE, {"id": delivery_id})
    return found


async def resend(work: Work, delivery_id: UUID, who: UUID, why: str) -> Any:
    """Have it sent again."""
    values = {"id": delivery_id, "who": who, "why": why, "signal": SIGNAL}
    return (await work.execute(_RESEND, values)).one()


async def drop(work: Work, delivery_id: UUID, who: UUID, why: str) -> Any:
    """Let it be."""
    return (await work.execute(_DROP, {"id": delivery_id, "who": who, "why": why})).one()


async def channels(work: Work) -> Sequence[Any]:
    """Each channel: whether it is stopped, how much waits for it."""
    return (await work.execute(_CHANNELS)).all()


async def late(work: Work, minutes: int) -> Sequence[Any]:
    """Lanes in which something has been due for longer than this."""
    return (await work.execute(_LATE, {"minutes": minutes})).all()
