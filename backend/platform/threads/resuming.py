"""Reading for the socket: what a client missed of a thread, and how it stands on all of its threads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple
from uuid import UUID

from backend.db.direct import Direct
from backend.platform.threads.audience import Audience
from backend.platform.threads.shown import AS_JSON, SHOWN, UNREAD
from backend.platform.threads.writing import NoSuchThread

UNREAD_MOST: Final = 100
"""Where many threads are told at once, unread lines are counted up to here: it means this many or more."""

# One line more than the limit is looked at, to know whether there are further ones.
_AFTER: Final = f"""
SELECT w.place, t.head, t.open_head, l.seq, l.line
FROM unnest($1::uuid[], $2::text[], $3::int[]) WITH ORDINALITY AS w(thread_id, sees, after, place)
JOIN thread t ON t.id = w.thread_id LEFT JOIN LATERAL (
    SELECT e.seq, convert_to({AS_JSON}, 'UTF8') AS line FROM entry e
    WHERE {SHOWN.format(thread="t.id", sees="w.sees")} AND e.seq > w.after ORDER BY e.seq LIMIT $4 + 1
) l ON true
ORDER BY w.place, l.seq
"""

_STANDINGS: Final = f"""
SELECT t.id, head, read, CASE WHEN read < head THEN (SELECT count(*) FROM (
    SELECT FROM entry e WHERE {UNREAD.format(thread="t.id", sees="$2", read="read", account="$1")}
    ORDER BY e.seq LIMIT {UNREAD_MOST}
) unread) ELSE 0 END AS unread
FROM (
    SELECT t.id, CASE $2 WHEN 'staff' THEN t.head ELSE t.open_head END AS head, coalesce(m.read_seq, 0) AS read,
        CASE $2 WHEN 'staff' THEN t.head_at ELSE t.open_at END AS at
    FROM thread t LEFT JOIN thread_member m ON m.thread_id = t.id AND m.account_id = $1
    WHERE t.id = ANY ($3)
) t
ORDER BY at DESC NULLS LAST, t.id DESC
"""


@dataclass(frozen=True, slots=True)
class Lines:
    """What follows a seq: each line's seq, and it as the bytes of a JSON object that begins with `{"seq":`.

    `head` is the thread's last seq in the same snapshot, whoever may see it; `open_head` that of the last line which
    everybody may. `more`: there are further lines.
    """

    head: int
    open_head: int
    lines: list[tuple[int, bytes]]
    more: bool


class Stands(NamedTuple):
    """How an account stands on a thread; `unread` is counted up to `UNREAD_MOST`."""

    id: UUID
    head: int
    read: int
    unread: int


async def lines_after(direct: Direct, thread_id: UUID, sees: Audience, after: int, limit: int) -> Lines:
    """The lines behind `after` that this reader is shown, the oldest first, at most `limit`.

    Raises:
        NoSuchThread: see there.
    """
    [lines] = await lines_after_many(direct, [(thread_id, sees, after)], limit)
    if lines is None:
        raise NoSuchThread
    return lines


async def lines_after_many(
    direct: Direct, wanted: Sequence[tuple[UUID, Audience, int]], limit: int
) -> list[Lines | None]:
    """As `lines_after`, for many readers by one statement: each a thread, what is seen of it, and a seq."""
    threads, sees, after = zip(*wanted, strict=True)
    pages: list[Lines | None] = [None] * len(wanted)
    for row in await direct.fetch(_AFTER, threads, sees, after, limit):
        place = row["place"] - 1
        page = pages[place]
        if page is None:
            page = pages[place] = Lines(row["head"], row["open_head"], [], False)
        if row["seq"] is None:
            continue
        if len(page.lines) < limit:
            page.lines.append((row["seq"], row["line"]))
        else:
            pages[place] = replace(page, more=True)
    return pages


async def standings(
    direct: Direct, account_id: UUID, sees: Audience, thread_ids: Sequence[UUID]
) -> list[Stands]:
    """How an account that sees these threads stands on them, the newest first."""
    rows = await direct.fetch(_STANDINGS, account_id, sees, thread_ids)
    return [Stands(*row) for row in rows]
