"""Writing notices and what is to be sent of them: for any number of people by one statement."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL

from backend.db.work import Work
from backend.features.notices.kinds import Kind
from backend.features.notices.rules import STALE_AFTER

SIGNAL: Final = "deliveries"
"""The channel of signals on which a worker hears that a lane has something to send."""

_TOLD: Final = """told AS (
    INSERT INTO notice (id, account_id, kind, key, data, subject_kind, subject_id, thread_id, thread_seq)
    SELECT uuidv7(), a.id, :n_kind, :n_key, CAST(:n_data AS jsonb), :n_subject_kind, CAST(:n_subject_id AS uuid),
        CAST(:n_thread_id AS uuid), CAST(:n_thread_seq AS int)
    FROM account a WHERE a.id IN (SELECT account_id FROM audience) AND a.disabled_at IS NULL ORDER BY a.id
    ON CONFLICT (account_id, key) DO NOTHING RETURNING id, account_id
)"""
# What goes out of a row of the inbox. A push goes to every living device; an SMS that only follows waits for its time,
# and where there is no device nothing precedes it.
_SENT: Final = """loud AS (
    SELECT t.id, t.account_id, a.phone, a.locale, s.email FROM told t JOIN account a ON a.id = t.account_id
    LEFT JOIN notice_settings s ON s.account_id = a.id
    WHERE NOT :n_optional OR NOT EXISTS (
        SELECT FROM notice_preference p WHERE p.account_id = a.id AND p.kind = :n_kind
    )
), pushed AS (
    SELECT l.id, l.account_id, d.id AS device_id, d.locale FROM loud l JOIN device d ON d.account_id = l.account_id
    WHERE :n_push AND d.retired_at IS NULL AND d.seen_at > app_now() - :n_stale
), planned (notice_id, account_id, channel, address, device_id, locale, follows, pause) AS (
    SELECT id, account_id, 'push', CAST(device_id AS text), device_id, locale, false, interval '0' FROM pushed
    UNION ALL
    SELECT l.id, l.account_id, 'sms', l.phone, NULL, l.locale, :n_follows,
        CASE WHEN :n_follows AND EXISTS (SELECT FROM pushed p WHERE p.account_id = l.account_id)
            THEN :n_pause ELSE interval '0' END
    FROM loud l WHERE :n_sms AND l.phone IS NOT NULL
    UNION ALL
    SELECT id, account_id, 'email', email, NULL, locale, false, interval '0'
    FROM loud WHERE :n_email AND email IS NOT NULL
), sent AS (
    INSERT INTO delivery (id, notice_id, account_id, kind, channel, address, device_id, lane, locale, follows,
        not_before, expires_at)
    SELECT uuidv7(), notice_id, account_id, :n_kind, channel, address, device_id, :n_lane, locale, follows,
        app_now() + pause, app_now() + pause + :n_ttl
    FROM planned RETURNING id
), signalled AS (SELECT pg_notify(:n_signal, :n_lane) WHERE EXISTS (SELECT FROM sent))"""

_BY_ID: Final = "audience AS (SELECT unnest(CAST(:n_accounts AS uuid[])) AS account_id)"
_SPANS = [bindparam(name, type_=INTERVAL) for name in ("n_stale", "n_pause", "n_ttl")]
_TELL: Final = text(
    f"WITH {_BY_ID}, {_TOLD}, {_SENT} SELECT account_id FROM told LEFT JOIN signalled ON true"
).bindparams(*_SPANS)

_SUPERSEDE: Final = text(
    "UPDATE notice SET superseded_at = app_now() WHERE account_id = ANY (:accounts) AND thread_id = :thread_id"
    " AND kind = :kind AND thread_seq < :thread_seq AND superseded_at IS NULL AND read_at IS NULL"
)


def _values(
    kind: Kind,
    data: Mapping[str, Any],
    key: str,
    subject: tuple[str, UUID],
    thread: tuple[UUID | None, int | None],
) -> dict[str, Any]:
    follows = "sms" in kind.channels and (kind.in_order or kind.sms_after is not None)
    return {
        "n_kind": kind.code,
        "n_key": key,
        "n_data": json.dumps(data, ensure_ascii=False),
        "n_subject_kind": subject[0],
        "n_subject_id": subject[1],
        "n_thread_id": thread[0],
        "n_thread_seq": thread[1],
        "n_optional": kind.optional,
        "n_push": "push" in kind.channels,
        "n_sms": "sms" in kind.channels,
        "n_email": "email" in kind.channels,
        "n_follows": follows,
        # Without a time of its own an SMS that follows waits for the push to fail, and is over when that was taken.
        "n_pause": kind.sms_after or kind.ttl,
        "n_ttl": kind.ttl,
        "n_stale": STALE_AFTER,
        "n_lane": kind.lane,
        "n_signal": SIGNAL,
    }


async def tell(
    work: Work,
    kind: Kind,
    accounts: Sequence[UUID],
    data: Mapping[str, Any],
    key: str,
    *,
    subject: tuple[str, UUID],
    thread: tuple[UUID | None, int | None],
) -> Sequence[UUID]:
    """Write it for these accounts; those it was new for."""
    values = _values(kind, data, key, subject, thread) | {"n_accounts": list(accounts)}
    return (await work.scalars(_TELL, values)).all()


async def tell_selected(
    work: Work,
    kind: Kind,
    data: Mapping[str, Any],
    key: str,
    audience: tuple[str, Mapping[str, Any]],
    *,
    subject: tuple[str, UUID],
    thread: tuple[UUID | None, int | None],
) -> int:
    """Write it for whom a query finds; how many it was new for."""
    sql, params = audience
    statement = text(
        f"WITH audience (account_id) AS ({sql}), {_TOLD}, {_SENT}"
        " SELECT (SELECT count(*) FROM told) FROM (SELECT) one LEFT JOIN signalled ON true"
    ).bindparams(*_SPANS)
    found = await work.scalar(statement, _values(kind, data, key, subject, thread) | dict(params))
    return int(found or 0)


async def supersede(
    work: Work, kind: str, accounts: Sequence[UUID], thread_id: UUID, thread_seq: int
) -> None:
    """Earlier notices of a thread's new lines that nobody has read are shown no more."""
    values = {"kind": kind, "accounts": list(accounts), "thread_id": thread_id, "thread_seq": thread_seq}
    await work.execute(_SUPERSEDE, values)
