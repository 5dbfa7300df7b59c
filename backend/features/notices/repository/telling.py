"""Writing notices and what is to be sent of them: for any number of people by one statement."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL

from backend.db.statement import Statement
from backend.db.work import Work
from backend.features.notices.kinds import Policy
from backend.features.notices.rules import STALE_AFTER

SIGNAL: Final = "deliveries"
"""The channel of signals on which a worker hears that a lane has something to send: `LANE`, or `LANE CHANNEL`."""

_TOLD: Final = """told AS (
    INSERT INTO notice (id, account_id, kind, key, data, subject_kind, subject_id, thread_id, thread_seq, created_at)
    SELECT uuidv7(), a.id, :n_kind, w.key, w.data, w.subject_kind, w.subject_id, w.thread_id, w.thread_seq,
        (SELECT app_now())
    FROM audience w JOIN account a ON a.id = w.account_id WHERE a.disabled_at IS NULL ORDER BY a.id, w.key
    ON CONFLICT (account_id, key) DO NOTHING RETURNING id, account_id
)"""
# The present is asked for in a query of its own: so it is asked once, not once a row.
# What goes out of a row of the inbox. A push goes to every living device. An SMS that only follows goes at once where
# there is no device, waits for its time where it has one, and is not written at all while it hangs on the pushes.
_SENT: Final = """loud AS (
    SELECT t.id, t.account_id, a.phone, a.locale, s.email FROM told t JOIN account a ON a.id = t.account_id
    LEFT JOIN notice_settings s ON s.account_id = a.id
    WHERE NOT :n_optional OR NOT EXISTS (
        SELECT FROM notice_preference p WHERE p.account_id = a.id AND p.kind = :n_kind
    )
), pushed AS (
    SELECT l.id, l.account_id, d.id AS device_id, d.locale FROM loud l JOIN device d ON d.account_id = l.account_id
    WHERE :n_push AND d.retired_at IS NULL AND d.seen_at > (SELECT app_now()) - CAST(:n_stale AS interval)
), planned (notice_id, account_id, channel, address, device_id, locale, follows, pause) AS (
    SELECT id, account_id, 'push', CAST(device_id AS text), device_id, locale, false, interval '0' FROM pushed
    UNION ALL
    SELECT l.id, l.account_id, 'sms', l.phone, NULL, l.locale, :n_follows,
        CASE WHEN :n_follows AND p.account_id IS NOT NULL THEN CAST(:n_pause AS interval) ELSE interval '0' END
    FROM loud l LEFT JOIN (SELECT DISTINCT account_id FROM pushed) p ON p.account_id = l.account_id
    WHERE :n_sms AND l.phone IS NOT NULL AND (p.account_id IS NULL OR NOT :n_hangs)
    UNION ALL
    SELECT id, account_id, 'email', email, NULL, locale, false, interval '0'
    FROM loud WHERE :n_email AND email IS NOT NULL
), sent AS (
    INSERT INTO delivery (id, notice_id, account_id, kind, channel, address, device_id, lane, locale, follows,
        not_before, expires_at, created_at)
    SELECT uuidv7(), notice_id, account_id, :n_kind, channel, address, device_id, :n_lane, locale, follows,
        (SELECT app_now()) + pause, (SELECT app_now()) + pause + CAST(:n_ttl AS interval), (SELECT app_now())
    FROM planned RETURNING id
), signalled AS (SELECT pg_notify(:n_signal, :n_lane) WHERE EXISTS (SELECT FROM sent))"""

_AUDIENCE: Final = "audience (account_id, key, data, subject_kind, subject_id, thread_id, thread_seq)"
_BY_ID: Final = f"""{_AUDIENCE} AS (
    SELECT account_id, key, CAST(data AS jsonb), subject_kind, subject_id, thread_id, thread_seq
    FROM unnest(CAST(:n_accounts AS uuid[]), CAST(:n_keys AS text[]), CAST(:n_datas AS text[]),
        CAST(:n_subject_kinds AS text[]), CAST(:n_subject_ids AS uuid[]), CAST(:n_thread_ids AS uuid[]),
        CAST(:n_thread_seqs AS int[]))
        AS w (account_id, key, data, subject_kind, subject_id, thread_id, thread_seq)
)"""
_SPANS = [bindparam(name, type_=INTERVAL) for name in ("n_stale", "n_pause", "n_ttl")]
_TELL: Final = Statement(
    f"WITH {_BY_ID}, {_TOLD}, {_SENT} SELECT account_id FROM told LEFT JOIN signalled ON true"
)

_SUPERSEDE: Final = text(
    "UPDATE notice n SET superseded_at = app_now()"
    " FROM unnest(CAST(:accounts AS uuid[]), CAST(:threads AS uuid[]), CAST(:seqs AS int[]))"
    " AS w (account, thread, seq)"
    " WHERE n.account_id = w.account AND n.thread_id = w.thread AND n.thread_seq < w.seq AND n.kind = :kind"
    " AND n.superseded_at IS NULL AND n.read_at IS NULL"
)

# Whoever has read nothing since the first of them is not to wait anew with every line: the SMS of the latest goes when
# that of the first would have gone. What was read on the thread broke the silence, though the notice was not opened.
_GO_ON_WAITING: Final = text(
    """UPDATE delivery f SET not_before = o.due
FROM unnest(CAST(:accounts AS uuid[]), CAST(:keys AS text[])) AS w (account, key)
JOIN notice n ON n.account_id = w.account AND n.key = w.key
JOIN LATERAL (
    SELECT min(d.not_before) AS due FROM notice p
    JOIN delivery d ON d.notice_id = p.id AND d.follows AND d.state IN ('waiting', 'deferred')
    LEFT JOIN thread_member m ON m.thread_id = p.thread_id AND m.account_id = p.account_id
    WHERE p.account_id = n.account_id AND p.thread_id = n.thread_id AND p.thread_seq < n.thread_seq
        AND p.kind = n.kind AND p.read_at IS NULL AND coalesce(m.read_seq, 0) < p.thread_seq
) o ON true
WHERE f.notice_id = n.id AND f.follows AND f.state = 'waiting' AND o.due < f.not_before"""
)


class Row(NamedTuple):
    """What one account is told."""

    account_id: UUID
    key: str
    data: Mapping[str, Any]
    subject_kind: str
    subject_id: UUID
    thread_id: UUID | None
    thread_seq: int | None


def _policy(policy: Policy) -> dict[str, Any]:
    return {
        "n_kind": policy.kind.code,
        "n_optional": policy.optional,
        "n_push": "push" in policy.channels,
        "n_sms": "sms" in policy.channels,
        "n_email": "email" in policy.channels,
        "n_follows": policy.follows,
        "n_hangs": policy.hangs,
        "n_pause": policy.sms_after or timedelta(0),
        "n_ttl": policy.ttl,
        "n_stale": STALE_AFTER,
        "n_lane": policy.lane,
        "n_signal": SIGNAL,
    }


async def tell(work: Work, policy: Policy, rows: Sequence[Row]) -> Sequence[UUID]:
    """Write it for these accounts by one statement; those it was new for."""
    values = _policy(policy) | {
        "n_accounts": [row.account_id for row in rows],
        "n_keys": [row.key for row in rows],
        "n_datas": [json.dumps(row.data, ensure_ascii=False) for row in rows],
        "n_subject_kinds": [row.subject_kind for row in rows],
        "n_subject_ids": [row.subject_id for row in rows],
        "n_thread_ids": [row.thread_id for row in rows],
        "n_thread_seqs": [row.thread_seq for row in rows],
    }
    return [row["account_id"] for row in await work.rows(_TELL, values)]


async def tell_selected(work: Work, policy: Policy, told: Row, sql: str, params: Mapping[str, Any]) -> int:
    """Write the same for whom a query finds; how many it was new for. The account of `told` says nothing."""
    statement = text(
        f"WITH {_AUDIENCE} AS (SELECT w.account_id, CAST(:n_key AS text), CAST(:n_data AS jsonb),"
        " CAST(:n_subject_kind AS text), CAST(:n_subject_id AS uuid), CAST(:n_thread_id AS uuid),"
        f" CAST(:n_thread_seq AS int) FROM (SELECT DISTINCT * FROM ({sql}) q) w (account_id)), {_TOLD}, {_SENT}"
        " SELECT (SELECT count(*) FROM told) FROM (SELECT) one LEFT JOIN signalled ON true"
    ).bindparams(*_SPANS)
    values = _policy(policy) | {
        "n_key": told.key,
        "n_data": json.dumps(told.data, ensure_ascii=False),
        "n_subject_kind": told.subject_kind,
        "n_subject_id": told.subject_id,
        "n_thread_id": told.thread_id,
        "n_thread_seq": told.thread_seq,
    }
    return int(await work.scalar(statement, values | dict(params)) or 0)


_WITHDRAW: Final = text(
    "WITH gone AS (UPDATE notice SET superseded_at = app_now() WHERE subject_id = :subject_id"
    " AND subject_kind = :subject_kind AND superseded_at IS NULL RETURNING id, account_id),"
    " unsent AS (UPDATE delivery d SET state = 'suppressed', reason = 'withdrawn' FROM gone"
    " WHERE d.notice_id = gone.id AND d.state IN ('waiting', 'deferred'))"
    " SELECT DISTINCT account_id FROM gone"
)


async def withdraw(work: Work, subject_kind: str, subject_id: UUID) -> Sequence[UUID]:
    """Take back what was told of a subject, and what was not sent of it yet; whose inboxes have changed."""
    values = {"subject_kind": subject_kind, "subject_id": subject_id}
    return (await work.scalars(_WITHDRAW, values)).all()


async def supersede(work: Work, kind: str, rows: Sequence[Row]) -> None:
    """Earlier notices of these threads' new lines that nobody has read are shown no more."""
    about = [row for row in rows if row.thread_seq is not None]
    if about:
        values = {
            "kind": kind,
            "accounts": [row.account_id for row in about],
            "threads": [row.thread_id for row in about],
            "seqs": [row.thread_seq for row in about],
        }
        await work.execute(_SUPERSEDE, values)


async def go_on_waiting(work: Work, rows: Sequence[Row]) -> None:
    """The SMS that follows a silence goes when that of the earliest notice of the same thread would have gone."""
    about = [row for row in rows if row.thread_seq is not None]
    if about:
        values = {"accounts": [row.account_id for row in about], "keys": [row.key for row in about]}
        await work.execute(_GO_ON_WAITING, values)
