"""Writing on threads, inside the caller's transaction: there is no state without its line.

A transaction that writes on several threads hands all its entries to one `append_many`, which locks the threads in the
order of their ids; two transactions that append one by one in different orders would wait for each other.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.core.ids import new_id
from backend.db.statement import Statement
from backend.db.work import Work
from backend.platform.threads.audience import Audience


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A line to be written. `author_id` is None for what the system itself notes.

    `cid`: the author's own name for the line, so that it can be sent again without being written twice. `at`: when it
    happened; left out, the present moment by `app_now()`. `hides`: the seq of the line that a `withdrawn` takes back.
    """

    thread_id: UUID
    kind: str
    body: dict[str, Any]
    author_id: UUID | None
    audience: Audience = "all"
    cid: str | None = None
    at: datetime | None = None
    hides: int | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an entry stands. `first` is False when its `cid` was there already; `seq` and `at` are then that line's."""

    seq: int
    at: datetime
    first: bool


class NoSuchThread(LookupError):
    """An entry was meant for a thread that was never opened."""


# In the order of subjects, so that two transactions that open the same threads never wait in a circle.
_OPEN = Statement(
    "WITH given AS (SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:subject_ids AS uuid[])) AS g(id, subject_id)),"
    " made AS (INSERT INTO thread (id, subject_kind, subject_id)"
    " SELECT id, :subject_kind, subject_id FROM given ORDER BY subject_id"
    " ON CONFLICT (subject_kind, subject_id) DO NOTHING RETURNING subject_id, id)"
    " SELECT subject_id, id FROM made UNION ALL"
    " SELECT t.subject_id, t.id FROM thread t JOIN given USING (subject_id) WHERE t.subject_kind = :subject_kind"
)

_FIND = Statement(
    "SELECT subject_id, id FROM thread WHERE subject_kind = :subject_kind AND subject_id = ANY (:subject_ids)"
)

_APPEND = Statement(
    "SELECT seq, at, first FROM append_entries(CAST(:thread_ids AS uuid[]), CAST(:kinds AS text[]),"
    " CAST(:bodies AS jsonb[]), CAST(:author_ids AS uuid[]), CAST(:audiences AS text[]), CAST(:cids AS text[]),"
    " CAST(:hidden AS int[]), CAST(:moments AS timestamptz[]))"
)

_SET_DIRECT = text("UPDATE thread SET direct = :direct WHERE id = :thread_id AND direct <> :direct")


async def open_threads(work: Work, subject_kind: str, subject_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The thread of each subject, made when there is none yet. One statement for thousands."""
    wanted = sorted(set(subject_ids))
    rows = await work.rows(
        _OPEN,
        {"ids": [new_id() for _ in wanted], "subject_ids": wanted, "subject_kind": subject_kind},
    )
    threads: dict[UUID, UUID] = {row["subject_id"]: row["id"] for row in rows}
    if missing := [subject_id for subject_id in wanted if subject_id not in threads]:
        # Opened by somebody else while the statement ran: it was refused them and could not see them yet.
        rows = await work.rows(_FIND, {"subject_ids": missing, "subject_kind": subject_kind})
        threads |= {row["subject_id"]: row["id"] for row in rows}
    return threads


async def append(work: Work, entry: NewEntry) -> Appended:
    """Write one entry; its seq is the thread's next. The thread stays locked until the transaction ends.

    Raises:
        NoSuchThread: see there.
    """
    [appended] = await append_many(work, [entry])
    return appended


async def append_many(work: Work, entries: Sequence[NewEntry]) -> list[Appended]:
    """Write entries of any threads by one statement, in the order given within each thread.

    Whoever watches one of the threads is poked after the commit.

    Raises:
        NoSuchThread: see there.
    """
    if not entries:
        return []
    rows = await work.rows(
        _APPEND,
        {
            "thread_ids": [entry.thread_id for entry in entries],
            "kinds": [entry.kind for entry in entries],
            "bodies": [json.dumps(entry.body, ensure_ascii=False) for entry in entries],
            "author_ids": [entry.author_id for entry in entries],
            "audiences": [entry.audience for entry in entries],
            "cids": [entry.cid for entry in entries],
            "hidden": [entry.hides for entry in entries],
            "moments": [entry.at for entry in entries],
        },
    )
    appended = [Appended(row["seq"], row["at"], row["first"]) for row in rows]
    if len(appended) != len(entries):
        raise NoSuchThread
    for entry in entries:
        work.announce(f"thread:{entry.thread_id}")
    return appended


async def set_direct(work: Work, thread_id: UUID, direct: bool) -> None:
    """Say whether people's lines go on a thread as they come, or only by its subject's verb (`Sight.speak`)."""
    await work.execute(_SET_DIRECT, {"thread_id": thread_id, "direct": direct})
