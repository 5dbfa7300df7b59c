"""Reading threads. Phones ask for entries again and again, so a page is one statement whose JSON PostgreSQL builds.

A reader is shown the lines of its audience, without those that were taken back. Numbers of lines that are left out are
simply missing from a page; how many there are is told nowhere else: an owner's `head` is that of the last line shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from backend.db.direct import Direct
from backend.platform.threads.audience import Audience
from backend.platform.threads.composing import Eyes, with_eyes
from backend.platform.threads.shown import AS_JSON, SHOWN, UNREAD

_SUBJECT = "SELECT subject_kind AS kind, subject_id AS id FROM thread WHERE id = $1"

_STANDING = f"""
SELECT CASE $2 WHEN 'staff' THEN t.head ELSE t.open_head END AS head, coalesce(m.read_seq, 0) AS read, (
    SELECT count(*) FROM entry e
    WHERE {UNREAD.format(thread="$1", sees="$2", read="coalesce(m.read_seq, 0)", account="$3")}
) AS unread
FROM thread t LEFT JOIN thread_member m ON m.thread_id = t.id AND m.account_id = $3
WHERE t.id = $1
"""

# One more than the limit is looked at, to know whether there is a further page.
_LINES = """SELECT e.*, row_number() OVER (ORDER BY e.seq {order}) AS place
    FROM entry e WHERE {shown}{beyond} ORDER BY e.seq {order} LIMIT {limit} + 1"""
_LISTED = """SELECT concat(
    '{{"items":[', string_agg({json}, ',' ORDER BY place) FILTER (WHERE place <= {limit}), '],"next":',
    coalesce((CASE WHEN count(*) > {limit} THEN max(seq) FILTER (WHERE place = {limit}) END)::text, 'null'), '}}'
) AS page FROM ({lines}) looked_at"""
_MARK = """SELECT hash_record_extended(
        ROW(CASE {sees} WHEN 'staff' THEN t.head ELSE t.open_head END, t.erased), 0
    ) AS mark FROM thread t WHERE t.id = {thread}"""

# For all who ask at once, each for a thread: its subject, what changes with its pages, whether it is seen, the page.
_HEAD = """SELECT asked.place, about.subject_kind, about.subject_id, about.erased,
    CASE {sees} WHEN 'staff' THEN about.head ELSE about.open_head END AS head, {{seen}} AS seen"""
_ABOUT = "WITH ORDINALITY AS asked ({asked}, place) JOIN thread about ON about.id = asked.thread_id"
_PAGE = f"""{_HEAD.format(sees="$4")}, convert_to(({{listed}}), 'UTF8') AS body
FROM unnest($1::uuid[], $2::uuid[], $3::int[]) {_ABOUT.format(asked="thread_id, account_id, seq")}"""
_ENTRIES_MARK = f"""{_HEAD.format(sees="$3")}
FROM unnest($1::uuid[], $2::uuid[]) {_ABOUT.format(asked="thread_id, account_id")}"""


def _beyond(order: str, sign: str) -> str:
    shown = SHOWN.format(thread="about.id", sees="$4")
    lines = _LINES.format(order=order, shown=shown, beyond=f" AND e.seq {sign} asked.seq", limit="$5")
    return _PAGE.replace("{listed}", _LISTED.format(lines=lines, limit="$5", json=AS_JSON))


_NEWER, _OLDER = _beyond("ASC", ">"), _beyond("DESC", "<")


def last_page_sql(thread: str, sees: str, limit: str) -> str:
    """A query for what `entries_before` gives of a thread's end, as text: a part of another hot read.

    Its columns are `page`, and `mark` as in `last_page_mark_sql`. `thread`, `sees` and `limit` are parameters or
    columns of the query around it.
    """
    lines = _LINES.format(order="DESC", shown=SHOWN.format(thread=thread, sees=sees), beyond="", limit=limit)
    page = _LISTED.format(lines=lines, limit=limit, json=AS_JSON)
    return f"SELECT page, mark FROM ({page}) told CROSS JOIN ({last_page_mark_sql(thread, sees)}) marked"


def last_page_mark_sql(thread: str, sees: str) -> str:
    """A query for `mark`, a number that changes with what `last_page_sql` gives: all that "unchanged?" needs."""
    return _MARK.format(thread=thread, sees=sees)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a thread is about: its `kind` says who decides on its sight."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Mark:
    """A thread's subject, which decides who may be given a page; and what changes with what any page of it tells.

    `seen`: what the subject says already of the caller whose `Eyes` were lent; None: it must be asked otherwise.
    """

    subject: Subject
    head: int
    erased: int
    seen: bool | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page under its mark. `body` is UTF-8 JSON: `{"items": [], "next": null}`."""

    mark: Mark
    body: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """How a reader stands: the last seq they may see, the one they have read to, and how many lines lie between.

    One's own lines and withdrawals are never unread.
    """

    head: int
    read: int
    unread: int


async def subject_of(direct: Direct, thread_id: UUID) -> Subject | None:
    """What a thread is about; None when there is no such thread."""
    row = await direct.row(_SUBJECT, thread_id)
    return None if row is None else Subject(row["kind"], row["id"])


_SUBJECTS = "SELECT id, subject_kind, subject_id FROM thread WHERE id = ANY ($1)"


async def subjects_of(direct: Direct, thread_ids: Sequence[UUID]) -> list[Subject | None]:
    """As `subject_of`, for many by one statement, in their order."""
    rows = {row["id"]: row for row in await direct.fetch(_SUBJECTS, thread_ids)}
    found = [rows.get(thread_id) for thread_id in thread_ids]
    return [None if row is None else Subject(row["subject_kind"], row["subject_id"]) for row in found]


async def standing_of(direct: Direct, thread_id: UUID, sees: Audience, account_id: UUID) -> Standing:
    """How an account stands on a thread that there is."""
    row = await direct.row(_STANDING, thread_id, sees, account_id)
    assert row is not None
    return Standing(row["head"], row["read"], row["unread"])


async def entries_after(
    direct: Direct, eyes: Eyes, thread_id: UUID, sees: Audience, seq: int, limit: int
) -> Page | None:
    """The entries behind `seq`, the oldest first; None when there is no such thread."""
    return await _page(direct, _NEWER, eyes, (thread_id, eyes.account_id, seq), sees, limit)


async def entries_before(
    direct: Direct, eyes: Eyes, thread_id: UUID, sees: Audience, seq: int, limit: int
) -> Page | None:
    """The entries ahead of `seq`, the newest first; None when there is no such thread."""
    return await _page(direct, _OLDER, eyes, (thread_id, eyes.account_id, seq), sees, limit)


async def entries_mark(direct: Direct, eyes: Eyes, thread_id: UUID, sees: Audience) -> Mark | None:
    """The mark alone, which is cheap; None when there is no such thread."""
    row = await _seen(direct, _ENTRIES_MARK, eyes, (thread_id, eyes.account_id), sees)
    return None if row is None else _mark(row)


async def _page(
    direct: Direct, sql: str, eyes: Eyes, asked: tuple[UUID, UUID, int], sees: Audience, limit: int
) -> Page | None:
    row = await _seen(direct, sql, eyes, asked, sees, limit)
    return None if row is None else Page(_mark(row), row["body"])


async def _seen(direct: Direct, sql: str, eyes: Eyes, asked: tuple[Any, ...], *shared: Any) -> Any:
    whole = with_eyes(sql, len(asked) + len(shared), eyes.kinds, eyes.counts)
    rows = await direct.gathered(whole, asked, (*shared, *chain.from_iterable(eyes.arguments)))
    return rows[0] if rows else None


def _mark(row: Any) -> Mark:
    return Mark(Subject(row["subject_kind"], row["subject_id"]), row["head"], row["erased"], row["seen"])
