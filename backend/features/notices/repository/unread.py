"""Lines of threads that somebody has not read for a while, and was not told of yet."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL

from backend.db.work import Work
from backend.platform.threads import SAID

# One worker looks at a time.
_MINE: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended('notices.unread', 0))")
# The threads on which something was said lately are found by looking at all: a row a thread, and no index that every
# line would have to keep. Whoever has read up to the end is passed over before any line is counted.
_SPOKEN: Final = text(
    "SELECT id, subject_kind, subject_id FROM thread WHERE subject_kind = ANY (:kinds) AND open_at > app_now() - :since"
    " AND EXISTS (SELECT FROM entry e WHERE e.thread_id = thread.id AND e.audience = 'all' AND e.kind = ANY (:said)"
    "  AND e.written_at > app_now() - :since)"
).bindparams(bindparam("since", type_=INTERVAL))
# Whom a thread is for without their ever having opened it has read nothing of it.
_UNREAD: Final = text(
    """WITH concerned AS (
    SELECT thread_id, account_id, read_seq, false AS given FROM thread_member
    UNION ALL
    SELECT g.thread_id, g.account_id, 0, true
    FROM unnest(CAST(:threads AS uuid[]), CAST(:accounts AS uuid[])) AS g (thread_id, account_id)
    WHERE NOT EXISTS (SELECT FROM thread_member k WHERE k.thread_id = g.thread_id AND k.account_id = g.account_id)
)
SELECT m.account_id, m.given, a.kind AS account_kind, t.id AS thread_id, t.subject_kind, t.subject_id, said.count,
    said.seq
FROM thread t JOIN concerned m ON m.thread_id = t.id AND m.read_seq < t.open_head
JOIN account a ON a.id = m.account_id AND a.disabled_at IS NULL
LEFT JOIN LATERAL (
    SELECT max(n.thread_seq) AS seq, max(n.created_at) AS at FROM notice n
    WHERE n.account_id = m.account_id AND n.thread_id = t.id AND n.thread_seq IS NOT NULL
) told ON true
JOIN LATERAL (
    SELECT count(*) AS count, max(e.seq) AS seq FROM entry e
    WHERE e.thread_id = t.id AND e.seq > m.read_seq AND e.audience = 'all' AND e.author_id <> m.account_id
        AND e.kind = ANY (:said) AND e.written_at <= app_now() - :grace
        AND NOT EXISTS (SELECT FROM entry w WHERE w.thread_id = e.thread_id AND w.hides = e.seq)
) said ON said.count > 0 AND said.seq > coalesce(told.seq, 0)
WHERE t.open_at > app_now() - :since AND (told.at IS NULL OR told.at <= app_now() - :pause)
ORDER BY t.id, m.account_id LIMIT :most"""
).bindparams(*[bindparam(name, type_=INTERVAL) for name in ("since", "grace", "pause")])


async def take_turn(work: Work) -> bool:
    """Whether nobody else looks now; until this transaction ends nobody else does."""
    return bool(await work.scalar(_MINE))


async def spoken_on(work: Work, kinds: Collection[str], since: timedelta) -> Sequence[Any]:
    """The threads of these kinds of subjects on which somebody said something lately."""
    values = {"kinds": sorted(kinds), "since": since, "said": list(SAID)}
    return (await work.execute(_SPOKEN, values)).all()


async def unread_lines(
    work: Work,
    given: Sequence[tuple[UUID, UUID]],
    *,
    since: timedelta,
    grace: timedelta,
    pause: timedelta,
    most: int,
) -> Sequence[Any]:
    """Who has how many unread lines of others on which thread, up to which.

    Those who have written or read there, and who are `given` (thread, account).

    `since`: threads on which nothing was said for longer are passed over. `grace`: younger lines too, for whoever is
    looking will have read them by then. `pause`: nobody is told of one thread more often.
    """
    values = {
        "threads": [thread for thread, _ in given],
        "accounts": [account for _, account in given],
        "since": since,
        "grace": grace,
        "pause": pause,
        "most": most,
        "said": list(SAID),
    }
    return (await work.execute(_UNREAD, values)).all()
