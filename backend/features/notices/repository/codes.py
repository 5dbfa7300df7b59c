"""One-time codes on their way: deliveries without a row in any inbox."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from backend.core.locale import Locale
from backend.db.work import Work
from backend.features.notices.kinds import CODES
from backend.features.notices.repository.telling import SIGNAL

# Under the code's own id: however often its job is tried, it is one delivery.
_ADD: Final = text(
    "WITH added AS (INSERT INTO delivery (id, account_id, kind, channel, address, lane, locale, not_before, expires_at,"
    " sealed) VALUES (:id, :account_id, :kind, :channel, :address, 'urgent', :locale, app_now(), :expires_at, :sealed)"
    " ON CONFLICT (id) DO NOTHING RETURNING lane, channel) SELECT pg_notify(:signal, lane || ' ' || channel) FROM added"
)


async def add(
    work: Work,
    kind: str,
    delivery_id: UUID,
    *,
    account_id: UUID,
    address: str,
    locale: Locale,
    sealed: bytes,
    expires_at: datetime,
) -> None:
    """Have a code sent, by the channel of its kind. `sealed` is all that is kept of it, until it is sent or over."""
    channel, _ = CODES[kind]
    await work.execute(
        _ADD,
        {
            "id": delivery_id,
            "account_id": account_id,
            "kind": kind,
            "channel": channel,
            "address": address,
            "locale": locale,
            "expires_at": expires_at,
            "sealed": sealed,
            "signal": SIGNAL,
        },
    )
