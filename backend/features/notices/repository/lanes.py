"""What is due of a lane: claimed under a lease, and what became of it written down."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL

from backend.db.work import Work
from backend.features.notices.kinds import CHANNELS, LANES, ChannelName, Lane, Policy
from backend.features.notices.rules import STALE_AFTER, Settled

_DUE: Final = text(
    "SELECT l.lane, c.channel"
    " FROM unnest(CAST(:lanes AS text[])) l (lane), unnest(CAST(:channels AS text[])) c (channel)"
    " WHERE EXISTS (SELECT FROM delivery d WHERE d.lane = l.lane AND d.channel = c.channel"
    " AND d.state IN ('waiting', 'deferred') AND d.not_before <= app_now())"
)
# When quiet hours end for somebody in them; null for everybody else.
_QUIET_ENDS: Final = """CASE
    WHEN s.quiet_from < s.quiet_until AND l.local::time >= s.quiet_from AND l.local::time < s.quiet_until
        THEN (date_trunc('day', l.local) + s.quiet_until) AT TIME ZONE s.zone
    WHEN s.quiet_from > s.quiet_until AND l.local::time >= s.quiet_from
        THEN (date_trunc('day', l.local) + interval '1 day' + s.quiet_until) AT TIME ZONE s.zone
    WHEN s.quiet_from > s.quiet_until AND l.local::time < s.quiet_until
        THEN (date_trunc('day', l.local) + s.quiet_until) AT TIME ZONE s.zone
END"""
# One statement decides of each that is due whether it is handed over, and says why not. A legal notice is sent even to
# who has read it already: what counts is the proof. What somebody chose while it waited, all night perhaps, counts as
# if it had been chosen before. The present is asked for once: asked a row it costs most of all.
_CLAIM: Final = text(
    f"""WITH present AS MATERIALIZED (SELECT app_now() AS now), picked AS (
    SELECT d.* FROM delivery d
    WHERE d.lane = :lane AND d.channel = :channel AND d.state IN ('waiting', 'deferred')
        AND d.not_before <= (SELECT now FROM present)
    ORDER BY d.not_before, d.id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED
), known AS (
    SELECT t.now, p.id, p.sealed IS NOT NULL AS sealed, p.expires_at, v.token, v.retired_at, v.seen_at, n.data,
        n.id AS notice_id, n.subject_kind, n.subject_id, n.thread_id, n.superseded_at, {_QUIET_ENDS} AS quiet_ends,
        n.read_at IS NOT NULL OR m.read_seq >= n.thread_seq AS seen, p.kind, CASE
            WHEN n.id IS NULL THEN NULL
            WHEN a.disabled_at IS NOT NULL THEN 'account_disabled'
            WHEN f.kind IS NOT NULL THEN 'switched_off'
            WHEN p.channel = 'email' AND e.email IS NULL THEN 'address_given_up' END AS unwanted
    FROM present t CROSS JOIN picked p LEFT JOIN notice n ON n.id = p.notice_id
    LEFT JOIN device v ON v.account_id = p.account_id AND v.id = p.device_id
    LEFT JOIN thread_member m ON m.thread_id = n.thread_id AND m.account_id = p.account_id
    JOIN account a ON a.id = p.account_id
    LEFT JOIN notice_preference f ON f.account_id = p.account_id AND f.kind = p.kind AND p.kind = ANY (:optional)
    LEFT JOIN notice_settings e ON e.account_id = p.account_id AND p.channel = 'email'
    LEFT JOIN notice_settings s ON s.account_id = p.account_id AND p.kind = ANY (:quiet) AND s.quiet_from IS NOT NULL
    LEFT JOIN LATERAL (SELECT t.now AT TIME ZONE s.zone AS local) l ON true
), judged AS MATERIALIZED (
    SELECT k.*, CASE
        WHEN expires_at <= now AND (sealed OR NOT EXISTS (
            SELECT FROM stopped_channel c WHERE c.channel = :channel)) THEN 'given_up'
        WHEN unwanted IS NOT NULL THEN 'suppressed'
        WHEN retired_at IS NOT NULL OR seen_at <= now - :stale THEN 'dead'
        WHEN superseded_at IS NOT NULL OR (seen AND NOT kind = ANY (:legal)) THEN 'suppressed'
        WHEN quiet_ends IS NOT NULL THEN 'deferred'
        ELSE 'leased' END AS verdict
    FROM known k
)
UPDATE delivery d SET state = j.verdict,
    not_before = CASE j.verdict WHEN 'deferred' THEN j.quiet_ends ELSE d.not_before END,
    expires_at = CASE j.verdict WHEN 'deferred' THEN d.expires_at + (j.quiet_ends - j.now) ELSE d.expires_at END,
    leased_until = CASE j.verdict WHEN 'leased' THEN j.now + :lease END,
    attempts = d.attempts + CASE j.verdict WHEN 'leased' THEN 1 ELSE 0 END,
    tried_at = CASE j.verdict WHEN 'leased' THEN j.now ELSE d.tried_at END,
    sealed = CASE WHEN j.verdict IN ('leased', 'deferred') THEN d.sealed END,
    reason = CASE j.verdict WHEN 'given_up' THEN coalesce(d.reason, 'expired')
        WHEN 'dead' THEN 'device_retired' WHEN 'suppressed' THEN
            coalesce(j.unwanted, CASE WHEN j.superseded_at IS NOT NULL THEN 'superseded' ELSE 'read' END)
        WHEN 'deferred' THEN 'quiet_hours' ELSE d.reason END
FROM judged j WHERE d.id = j.id
RETURNING d.id, d.notice_id, d.account_id, d.kind, d.channel, d.address, d.locale, d.attempts, d.sealed, j.verdict,
    j.token, j.data, j.subject_kind, j.subject_id, j.thread_id,
    extract(epoch FROM d.expires_at - j.now)::float AS ttl, extract(epoch FROM j.now - d.not_before)::float AS late"""
).bindparams(bindparam("lease", type_=INTERVAL), bindparam("stale", type_=INTERVAL))

_RECORD: Final = text(
    "UPDATE delivery d SET state = r.state, provider_id = coalesce(r.provider_id, d.provider_id), reason = r.reason,"
    " not_before = CASE r.state WHEN 'waiting' THEN app_now() + make_interval(secs => r.pause) ELSE d.not_before END,"
    " expires_at = CASE WHEN r.keeps AND d.sealed IS NULL"
    "  THEN d.expires_at + make_interval(secs => r.pause) ELSE d.expires_at END,"
    " leased_until = CASE r.state WHEN 'leased' THEN app_now() + make_interval(secs => r.pause) END,"
    " accepted_at = CASE r.state WHEN 'accepted' THEN app_now() ELSE d.accepted_at END,"
    " said = CASE r.state WHEN 'accepted' THEN r.said ELSE d.said END,"
    " sealed = CASE WHEN r.state IN ('waiting', 'leased') THEN d.sealed END"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS int[]), CAST(:states AS text[]), CAST(:pauses AS float[]),"
    "  CAST(:keeps AS bool[]), CAST(:provider_ids AS text[]), CAST(:reasons AS text[]), CAST(:said AS text[]))"
    "  AS r (id, attempts, state, pause, keeps, provider_id, reason, said)"
    " WHERE d.id = r.id AND d.attempts = r.attempts AND d.state = 'leased'"
)
_RETIRE: Final = text(
    "UPDATE device v SET retired_at = app_now(), retired_why = r.why"
    " FROM unnest(CAST(:tokens AS text[]), CAST(:whys AS text[])) AS r (token, why)"
    " WHERE v.token = r.token AND v.retired_at IS NULL"
)
# When no push of a notice can be taken any more, what waits for its time goes now, and what hangs on the pushes is
# written.
_NONE_TAKES: Final = (
    "NOT EXISTS (SELECT FROM delivery p WHERE p.notice_id = n.id AND p.channel = 'push'"
    " AND p.state IN ('waiting', 'deferred', 'leased', 'accepted', 'suppressed'))"
)
_FOLLOW: Final = text(
    "UPDATE delivery f SET not_before = app_now() FROM notice n WHERE n.id = ANY (:notices) AND f.notice_id = n.id"
    f" AND f.follows AND f.state = 'waiting' AND f.not_before > app_now() AND {_NONE_TAKES}"
)
_WRITE_AFTER: Final = text(
    "INSERT INTO delivery (id, notice_id, account_id, kind, channel, address, lane, locale, follows, not_before,"
    " expires_at, created_at)"
    " SELECT uuidv7(), n.id, n.account_id, n.kind, 'sms', a.phone, w.lane, a.locale, true, app_now(),"
    " app_now() + w.ttl, app_now() FROM notice n JOIN account a ON a.id = n.account_id"
    " JOIN unnest(CAST(:kinds AS text[]), CAST(:lanes AS text[]), CAST(:ttls AS interval[])) AS w (kind, lane, ttl)"
    " ON w.kind = n.kind"
    f" WHERE n.id = ANY (:notices) AND a.phone IS NOT NULL AND {_NONE_TAKES}"
    " ON CONFLICT DO NOTHING"
)
# Who died with it in hand: a push and an e-mail are sent again, for whoever gets them twice sees them once.
_TAKE_BACK: Final = text(
    "UPDATE delivery SET state = 'waiting', leased_until = NULL, not_before = app_now()"
    " WHERE state = 'leased' AND leased_until <= app_now() AND channel <> 'sms' RETURNING id"
)
_LOST: Final = text(
    "UPDATE delivery SET leased_until = app_now() + :lease WHERE id IN (SELECT id FROM delivery"
    " WHERE state = 'leased' AND leased_until <= app_now() AND channel = 'sms'"
    " ORDER BY leased_until LIMIT :most FOR NO KEY UPDATE SKIP LOCKED)"
    " RETURNING id, address, attempts, tried_at, expires_at <= app_now() AS over, app_now() - tried_at AS since,"
    " notice_id, kind"
).bindparams(bindparam("lease", type_=INTERVAL))
_AMBIGUOUS: Final = text(
    "UPDATE delivery SET state = CASE WHEN expires_at <= app_now() THEN 'given_up' ELSE 'ambiguous' END,"
    " leased_until = NULL, reason = :reason, sealed = CASE WHEN expires_at <= app_now() THEN NULL ELSE sealed END"
    " WHERE id = :id AND state = 'leased' AND attempts = :attempts RETURNING state"
)
_STOPPED: Final = text(
    "INSERT INTO stopped_channel (channel, reason, since) VALUES (:channel, :reason, app_now())"
    " ON CONFLICT (channel) DO UPDATE SET reason = excluded.reason"
)
# Its waiting was none of their fault: what waits has its time back.
_RUNS: Final = text(
    "WITH runs AS (DELETE FROM stopped_channel WHERE channel = :channel RETURNING channel, since)"
    " UPDATE delivery d SET expires_at = d.expires_at + (app_now() - greatest(runs.since, d.created_at)) FROM runs"
    " WHERE d.channel = runs.channel AND d.state IN ('waiting', 'deferred') AND d.sealed IS NULL"
)

Policies = Mapping[str, Policy]


async def due(work: Work) -> list[tuple[Lane, ChannelName]]:
    """The lanes and channels for which something is due."""
    rows = await work.execute(_DUE, {"lanes": list(LANES), "channels": list(CHANNELS)})
    return [(row.lane, row.channel) for row in rows]


async def claim(
    work: Work, policies: Policies, lane: Lane, channel: ChannelName, most: int, lease: timedelta
) -> Sequence[Any]:
    """The next of a lane, each with its `verdict`: `leased` ones are to be handed over, the others are settled."""
    values = {
        "lane": lane,
        "channel": channel,
        "most": most,
        "lease": lease,
        "stale": STALE_AFTER,
        "quiet": [code for code, one in policies.items() if one.quiet],
        "legal": [code for code, one in policies.items() if one.legal],
        "optional": [code for code, one in policies.items() if one.optional],
    }
    return (await work.execute(_CLAIM, values)).all()


async def record(work: Work, settled: Sequence[tuple[Any, Settled, str | None]]) -> None:
    """Write down what became of claimed ones; `str` is what was said, where it must be kept.

    One whose lease somebody else has taken over meanwhile is theirs to write.
    """
    await work.execute(
        _RECORD,
        {
            "ids": [row.id for row, _, _ in settled],
            "attempts": [row.attempts for row, _, _ in settled],
            "states": [one.state for _, one, _ in settled],
            "pauses": [one.pause for _, one, _ in settled],
            "keeps": [one.keeps for _, one, _ in settled],
            "provider_ids": [one.provider_id for _, one, _ in settled],
            "reasons": [one.reason and one.reason[:300] for _, one, _ in settled],
            "said": [said for _, _, said in settled],
        },
    )


async def retire(work: Work, tokens: Sequence[tuple[str, str]]) -> None:
    """Tokens that are used no more, each with why."""
    if tokens:
        await work.execute(
            _RETIRE, {"tokens": [one for one, _ in tokens], "whys": [why for _, why in tokens]}
        )


async def follow_up(work: Work, policies: Policies, notice_ids: Sequence[UUID]) -> None:
    """What follows the pushes of these notices goes now, where none of them can be taken any more."""
    hanging = [one for one in policies.values() if one.hangs]
    await work.execute(_FOLLOW, {"notices": list(notice_ids)})
    await work.execute(
        _WRITE_AFTER,
        {
            "notices": list(notice_ids),
            "kinds": [one.kind.code for one in hanging],
            "lanes": [one.lane for one in hanging],
            "ttls": [one.ttl for one in hanging],
        },
    )


async def take_back(work: Work) -> int:
    """Pushes and e-mails that somebody has died with wait again."""
    return len((await work.execute(_TAKE_BACK)).all())


async def lost_texts(work: Work, most: int, lease: timedelta) -> Sequence[Any]:
    """SMS of unknown fate, to be asked after; nobody else asks meanwhile."""
    return (await work.execute(_LOST, {"most": most, "lease": lease})).all()


async def give_to_people(work: Work, delivery_id: UUID, attempts: int, reason: str) -> str | None:
    """An SMS of which nobody can say what became of it: an operator decides, unless its time is over."""
    values = {"id": delivery_id, "attempts": attempts, "reason": reason[:300]}
    state: str | None = await work.scalar(_AMBIGUOUS, values)
    return state


async def note_stopped(work: Work, channel: str, reason: str) -> None:
    """The channel waits for an operator."""
    await work.execute(_STOPPED, {"channel": channel, "reason": reason[:300]})


async def note_running(work: Work, channel: str) -> None:
    """The channel takes messages again."""
    await work.execute(_RUNS, {"channel": channel})
