"""Reading for the socket: what a client missed of a thread."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from backend.db.direct import Direct
from backend.platform.threads.audience import Audience
from backend.platform.threads.shown import AS_JSON, SHOWN
from backend.platform.threads.writing import NoSuchThread

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
