"""Counts of what was sent, in SQL: written by workers, read by whoever answers Prometheus."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

# Always in one order: two workers never wait for each other in a circle.
_SENT: Final = text(
    "INSERT INTO delivery_tally AS t (lane, channel, outcome, count)"
    " SELECT * FROM unnest(CAST(:lanes AS text[]), CAST(:channels AS text[]), CAST(:outcomes AS text[]),"
    "  CAST(:counts AS bigint[])) ORDER BY 1, 2, 3"
    " ON CONFLICT (lane, channel, outcome) DO UPDATE SET count = t.count + excluded.count"
)
_LATE: Final = text(
    "INSERT INTO delivery_lateness AS t (lane, at_most, sent, seconds)"
    " SELECT * FROM unnest(CAST(:lanes AS text[]), CAST(:at_most AS float8[]), CAST(:sent AS bigint[]),"
    "  CAST(:seconds AS float8[])) ORDER BY 1, 2"
    " ON CONFLICT (lane, at_most) DO UPDATE SET sent = t.sent + excluded.sent, seconds = t.seconds + excluded.seconds"
)
# Of machines, not of estates: the real clock, without the system's shift.
_BREAKERS: Final = text(
    "WITH gone AS (DELETE FROM channel_breaker WHERE seen_at < clock_timestamp() - interval '1 day')"
    " INSERT INTO channel_breaker (worker, channel, state, openings, seen_at)"
    " SELECT :worker, b.*, clock_timestamp() FROM unnest(CAST(:channels AS text[]), CAST(:states AS text[]),"
    "  CAST(:openings AS int[])) b ON CONFLICT (worker, channel) DO UPDATE SET state = excluded.state,"
    " openings = excluded.openings, seen_at = excluded.seen_at"
)
_READ_SENT: Final = text("SELECT lane, channel, outcome, count FROM delivery_tally")
_READ_LATE: Final = text("SELECT lane, at_most, sent, seconds FROM delivery_lateness ORDER BY lane, at_most")
_READ_CHANNELS: Final = text(
    "SELECT c.channel, EXISTS (SELECT FROM stopped_channel s WHERE s.channel = c.channel) AS stopped,"
    " (SELECT count(*) FROM channel_breaker b WHERE b.channel = c.channel AND b.state <> 'closed'"
    "  AND b.seen_at > clock_timestamp() - interval '1 minute') AS open,"
    " (SELECT count(*) FROM delivery d WHERE d.channel = c.channel AND d.state = 'ambiguous') AS ambiguous"
    " FROM unnest(ARRAY['push', 'sms', 'email']) c (channel)"
)
# By the index of what is due: the first of each lane and channel, however many wait behind it.
_READ_OLDEST: Final = text(
    "SELECT l.lane, greatest(max(extract(epoch FROM app_now() - o.due)), 0)::float AS seconds"
    " FROM unnest(ARRAY['urgent', 'normal', 'bulk']) l (lane), unnest(ARRAY['push', 'sms', 'email']) c (channel)"
    " LEFT JOIN LATERAL (SELECT d.not_before AS due FROM delivery d WHERE d.lane = l.lane AND d.channel = c.channel"
    "  AND d.state IN ('waiting', 'deferred') ORDER BY d.not_before LIMIT 1) o ON true GROUP BY l.lane"
)


async def add(
    work: Work,
    sent: Mapping[tuple[str, str, str], int],
    late: Mapping[tuple[str, float], Sequence[float]],
) -> None:
    """Add to what was counted: messages by lane, channel and outcome; seconds of lateness by lane and bucket."""
    await work.execute(
        _SENT,
        {
            "lanes": [lane for lane, _, _ in sent],
            "channels": [channel for _, channel, _ in sent],
            "outcomes": [outcome for *_, outcome in sent],
            "counts": list(sent.values()),
        },
    )
    if late:
        await work.execute(
            _LATE,
            {
                "lanes": [lane for lane, _ in late],
                "at_most": [at_most for _, at_most in late],
                "sent": [len(seconds) for seconds in late.values()],
                "seconds": [sum(seconds) for seconds in late.values()],
            },
        )


async def note_breakers(work: Work, worker: UUID, breakers: Mapping[Any, tuple[str, int]]) -> None:
    """How a worker's breakers stand; what no worker has said for a day is forgotten."""
    await work.execute(
        _BREAKERS,
        {
            "worker": worker,
            "channels": list(breakers),
            "states": [state for state, _ in breakers.values()],
            "openings": [openings for _, openings in breakers.values()],
        },
    )


async def sent(work: Work) -> Sequence[Any]:
    """Messages by lane, channel and outcome."""
    return (await work.execute(_READ_SENT)).all()


async def lateness(work: Work) -> Sequence[Any]:
    """How late they were, by lane, bucket by bucket."""
    return (await work.execute(_READ_LATE)).all()


async def channels(work: Work) -> Sequence[Any]:
    """Of each channel: whether it is stopped, how many breakers are open, how many messages are in doubt."""
    return (await work.execute(_READ_CHANNELS)).all()


async def oldest(work: Work) -> Sequence[Any]:
    """Of each lane: for how many seconds the longest due has been due."""
    return (await work.execute(_READ_OLDEST)).all()
