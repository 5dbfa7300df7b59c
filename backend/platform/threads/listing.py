"""One's threads: the newest first, each with its last line and what is unread. Phones and consoles ask again and again.

Which threads are somebody's is said by their subjects (`Sight.mine`). All of them are looked at, which is one short row
each; lines are read of those on the page alone. A cheaper statement tells only whether anything of a page has changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from backend.db.direct import Direct
from backend.platform.threads.asking import for_many
from backend.platform.threads.audience import Audience
from backend.platform.threads.composing import together
from backend.platform.threads.shown import AS_JSON, SHOWN, UNREAD, UNREAD_MOST
from backend.platform.threads.sight import Mine

PREVIEW: Final = 100
"""How many characters of a text stand in a list."""

_HEADS: Final = {"all": ("open_head", "open_at"), "staff": ("head", "head_at")}

# $1: the account, $2: what it sees, $3: at most so many, $4 and $5: the last of the page before, $6: kind of subject.
_MINE: Final = """
    SELECT t.id, t.subject_kind, t.subject_id, t.{head} AS head, t.{at} AS moment, t.erased,
        coalesce(m.read_seq, 0) AS read
    FROM ({mine}) mine (id) JOIN thread t ON t.id = mine.id
        LEFT JOIN thread_member m ON m.thread_id = t.id AND m.account_id = $1
    WHERE t.{at} IS NOT NULL AND ($4::timestamptz IS NULL OR (t.{at}, t.id) < ($4, $5::uuid))
        AND ($6::text IS NULL OR t.subject_kind = $6){more}
    ORDER BY moment DESC, t.id DESC"""
_PAGE: Final = "WITH page AS MATERIALIZED ({mine} LIMIT $3 + 1)"
# Whether a thread has an unread line is asked of the newest, until the page is full, and not of all: as a value, since
# a condition that is made a join loses the order in which they were sorted.
_UNREAD_PAGE: Final = f"""WITH mine AS MATERIALIZED ({{mine}}), page AS MATERIALIZED (
    SELECT * FROM mine l
    WHERE (SELECT true FROM entry e
        WHERE {UNREAD.format(thread="l.id", sees="$2", read="l.read", account="$1")} LIMIT 1)
    LIMIT $3 + 1
)"""
_LISTED: Final = """, listed AS (SELECT *, row_number() OVER (ORDER BY moment DESC, id DESC) AS place FROM page)
SELECT bit_xor(hash_record_extended(ROW(id, head, read, erased, moment, $2::text), 0)) AS mark"""
_UNREAD: Final = f"""CASE WHEN read < head THEN (SELECT count(*) FROM (
        SELECT FROM entry e WHERE {UNREAD.format(thread="l.id", sees="$2", read="l.read", account="$1")}
        ORDER BY e.seq LIMIT {UNREAD_MOST}
    ) unread) ELSE 0 END"""
_LAST: Final = f"""SELECT {AS_JSON} FROM (
        SELECT e.thread_id, e.seq, e.kind, e.author_id, e.at, e.audience, e.cid, e.hides, e.erased_at,
            CASE WHEN e.kind = 'text' AND e.erased_at IS NULL
                THEN jsonb_build_object('text', left(e.body ->> 'text', {PREVIEW})) ELSE e.body END AS body
        FROM entry e WHERE {SHOWN.format(thread="l.id", sees="$2")} ORDER BY e.seq DESC LIMIT 1
    ) last"""
_TOLD: Final = f"""{_LISTED}, count(*) > $3 AS more,
    max(moment) FILTER (WHERE place = $3) AS last_moment, (array_agg(id) FILTER (WHERE place = $3))[1] AS last_id,
    convert_to(coalesce(string_agg(concat('{{"id":"', id, '","subject":', to_json(subject_kind),
        ',"subject_id":"', subject_id, '","head":', head, ',"read":', read, ',"unread":', {_UNREAD},
        ',"last":', ({_LAST}), '}}'
    ), ',' ORDER BY place) FILTER (WHERE place <= $3), ''), 'UTF8') AS items
FROM listed l"""
_STANDS: Final = f"""SELECT id, head, read, {_UNREAD} AS unread,
    row_number() OVER (ORDER BY moment DESC, id DESC) AS rank
FROM page l"""


class Stands(NamedTuple):
    """How an account stands on a thread; `unread` is counted up to `UNREAD_MOST`."""

    id: UUID
    head: int
    read: int
    unread: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of somebody's threads. `after`: when the last one of the page before was written on, and its id."""

    account_id: UUID
    sees: Audience
    limit: int
    after: tuple[datetime, UUID] | None = None
    subject_kind: str | None = None
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A page: its threads as JSON objects, with commas between; `next` is the last one's key when more follow.

    `mark` changes with whatever the page tells.
    """

    mark: int | None
    items: bytes
    next: tuple[datetime, UUID] | None


async def threads_listed(direct: Direct, mine: Sequence[Mine], wanted: Wanted) -> Listed:
    """The threads among `mine` on which this reader is shown a line, by when the last one was written."""
    row = await _row(direct, mine, wanted, _TOLD)
    after = (row["last_moment"], row["last_id"]) if row["more"] else None
    return Listed(row["mark"], row["items"], after)


async def threads_mark(direct: Direct, mine: Sequence[Mine], wanted: Wanted) -> int | None:
    """`Listed.mark` alone: all that "unchanged?" needs."""
    mark: int | None = (await _row(direct, mine, wanted, f"{_LISTED} FROM listed"))["mark"]
    return mark


async def my_standings(
    direct: Direct, mine: Sequence[Mine], account_id: UUID, sees: Audience, limit: int
) -> list[Stands]:
    """How an account stands on the newest of its threads; what `ready` tells."""
    sql, (_, *shared) = _statement(mine, Wanted(account_id, sees, limit - 1), _STANDS)
    each = for_many(sql, 1, ", one.rank, one.id, one.head, one.read, one.unread")
    rows = await direct.gathered(each, (account_id,), tuple(shared))
    return [Stands(*row[2:]) for row in sorted(rows, key=itemgetter(1))]


async def _row(direct: Direct, mine: Sequence[Mine], wanted: Wanted, told: str) -> Any:
    sql, arguments = _statement(mine, wanted, told)
    return await direct.row(sql, *arguments)


def _statement(mine: Sequence[Mine], wanted: Wanted, told: str) -> tuple[str, list[Any]]:
    moment, last = wanted.after or (None, None)
    arguments: list[Any] = [wanted.account_id, wanted.sees, wanted.limit, moment, last, wanted.subject_kind]
    head, at = _HEADS[wanted.sees]
    page, more = (_UNREAD_PAGE, f" AND t.{head} > coalesce(m.read_seq, 0)") if wanted.unread else (_PAGE, "")
    queries, theirs = together(mine, len(arguments))
    listed = _MINE.format(head=head, at=at, mine=queries, more=more)
    return page.format(mine=listed) + told, arguments + theirs
