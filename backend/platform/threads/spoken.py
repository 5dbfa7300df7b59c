"""The lines that people say, and how a batch of them is written: one statement on one of asyncpg's connections."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from backend.db.url import asyncpg_arguments
from backend.platform.threads.audience import Audience


class Line(msgspec.Struct, frozen=True, gc=False):
    """What somebody says. `body` is a JSON object in UTF-8; `cid` is theirs, so that it can be sent again."""

    thread_id: UUID
    cid: str
    kind: str
    body: bytes
    author_id: UUID
    audience: Audience = "all"


class Committed(msgspec.Struct, frozen=True, gc=False):
    """A line that stands on record. `prev_open`: the last line before it that everybody may see; 0: there is none.

    `at` is RFC 3339 in UTC with milliseconds.
    """

    thread_id: UUID
    seq: int
    at: str
    cid: str | None
    kind: str
    author_id: UUID | None
    audience: Audience
    body: bytes
    prev_open: int


class _Shown(msgspec.Struct, frozen=True, gc=False):
    """A line as readers are shown it."""

    seq: int
    kind: str
    author: UUID | None
    body: msgspec.Raw
    at: str
    audience: Audience
    cid: str | None
    hides: None = None
    erased: bool = False


_encode: Final = msgspec.json.Encoder().encode


def as_json(line: Committed) -> bytes:
    """The line as `lines_after` gives it, as long as nobody has taken it back or erased it."""
    body = msgspec.Raw(line.body)
    return _encode(_Shown(line.seq, line.kind, line.author_id, body, line.at, line.audience, line.cid))


def spelled(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


_WRITE: Final = """
SELECT place, seq, at, first, prev_open, busy FROM append_entries(
    $1, $2, $3, $4, $5, $6, NULL, NULL, spoken => true, waits => $7
)"""

_READ_AGAIN: Final = """
SELECT e.thread_id, e.seq, e.at, e.cid, e.kind, e.author_id, e.audience, convert_to(e.body::text, 'UTF8') AS body,
    coalesce((
        SELECT p.seq FROM entry p WHERE p.thread_id = e.thread_id AND p.seq < e.seq AND p.audience = 'all'
        ORDER BY p.seq DESC LIMIT 1
    ), 0) AS prev_open
FROM unnest($1::uuid[], $2::int[]) AS wanted(thread_id, seq)
JOIN entry e ON e.thread_id = wanted.thread_id AND e.seq = wanted.seq
ORDER BY e.thread_id, e.seq
"""


async def connect(database_url: str) -> asyncpg.Connection:
    """A connection that writes lines. Nothing on it takes long: what does is cut off, and sent again."""
    return await asyncpg.connect(
        **asyncpg_arguments(database_url),
        timeout=2,
        command_timeout=4,
        server_settings={
            "application_name": "tongxing-speaker",
            "statement_timeout": "3s",
            "lock_timeout": "250ms",
            # One plan for every batch: to plan it anew would take as long as to write ten lines.
            "plan_cache_mode": "force_generic_plan",
        },
    )


async def write(
    connection: asyncpg.Connection, lines: Sequence[Line], bodies: Sequence[str], *, waits: bool
) -> list[asyncpg.Record | None]:
    """Write the lines and commit. Each has its row; None where there is no such thread.

    A row's `seq` is null where the line was not written: `busy` says that somebody else holds its thread (never when
    `waits`), else it is no thread on which people's lines go as they come.
    """
    rows = await connection.fetch(
        _WRITE,
        [line.thread_id for line in lines],
        [line.kind for line in lines],
        bodies,
        [line.author_id for line in lines],
        [line.audience for line in lines],
        [line.cid for line in lines],
        waits,
    )
    if len(rows) == len(lines):
        return list(rows)
    found: list[asyncpg.Record | None] = [None] * len(lines)
    for row in rows:
        found[row["place"] - 1] = row
    return found


async def read_again(connection: asyncpg.Connection, wanted: Sequence[tuple[UUID, int]]) -> list[Committed]:
    """Lines that stand on record, as they stand there; those that were erased without a body, as for everybody."""
    rows = await connection.fetch(_READ_AGAIN, [thread for thread, _ in wanted], [seq for _, seq in wanted])
    return [
        Committed(
            row["thread_id"], row["seq"], spelled(row["at"]), row["cid"], row["kind"], row["author_id"],
            row["audience"], row["body"], row["prev_open"],
        )
        for row in rows
    ]  # fmt: skip
