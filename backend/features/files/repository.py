"""Files in SQL. What is asked with every line or every picture shown is a plain asyncpg read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import func, select, text

from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.files.models import File, FilePiece, State
from backend.features.files.rules import MOST_PIECES, Kind, Size

# A line that was taken back, or whose body was erased, names its file to nobody; a line for staff, only to staff.
_NAMED = """SELECT DISTINCT e.thread_id, e.audience, t.subject_kind, t.subject_id
FROM entry e JOIN thread t ON t.id = e.thread_id
WHERE e.body ->> 'file' = $1 AND NOT EXISTS (
    SELECT FROM entry w WHERE w.thread_id = e.thread_id AND w.hides = e.seq
) LIMIT 100"""

_SAYABLE = """SELECT f.kind, f.state FROM file f
WHERE f.id = $1 AND f.account_id = $2 AND f.state <> 'removed' AND (
    f.finished_at IS NULL OR f.finished_at + $3 > app_now()
    OR EXISTS (SELECT FROM entry e WHERE e.body ->> 'file' = CAST(f.id AS text))
    OR EXISTS (SELECT FROM file_use u WHERE u.file_id = f.id)
)"""

_USED = "SELECT subject_kind, subject_id FROM file_use WHERE file_id = $1 LIMIT 100"
_USABLE = text(
    "SELECT f.id, f.kind, f.state FROM file f WHERE f.id = ANY (:ids) AND f.account_id = :account_id"
    " AND f.state <> 'removed' AND (f.finished_at IS NULL OR f.finished_at + :unused > app_now()"
    " OR EXISTS (SELECT FROM file_use u WHERE u.file_id = f.id))"
)
_USES = text("SELECT file_id FROM file_use WHERE subject_kind = :subject_kind AND subject_id = :subject_id")
_USE = text(
    "INSERT INTO file_use (file_id, subject_kind, subject_id)"
    " SELECT unnest(CAST(:ids AS uuid[])), :subject_kind, :subject_id"
)
_DISUSE = text(
    "DELETE FROM file_use WHERE subject_kind = :subject_kind AND subject_id = :subject_id AND file_id = ANY (:ids)"
)

_FILE = """SELECT id, account_id, kind, name, media_type, format, length, received, state, code, params, sizes,
    expires_at, created_at FROM file WHERE id = $1"""

_ADVANCE = text(
    "UPDATE file SET received = received + :length,"
    " state = CASE WHEN received + :length = length THEN 'processing' ELSE state END"
    " WHERE id = :id AND state = 'receiving' AND received = :at AND expires_at > app_now()"
    f" AND (SELECT count(*) FROM file_piece WHERE file_id = :id) + :pieces <= {MOST_PIECES}"
    " RETURNING state"
)
_PIECES = text(
    "INSERT INTO file_piece (file_id, at, length, key)"
    " SELECT :id, at, length, key FROM unnest(CAST(:places AS bigint[]), CAST(:sizes AS bigint[]),"
    " CAST(:keys AS text[])) AS piece (at, length, key)"
)

_REMOVE = text(
    "UPDATE file SET state = 'removed', code = NULL, name = '', sizes = '{}'"
    " WHERE id = ANY (:ids) AND state <> 'removed' AND NOT EXISTS ("
    "SELECT FROM entry e WHERE e.body ->> 'file' = CAST(file.id AS text))"
    " AND NOT EXISTS (SELECT FROM file_use u WHERE u.file_id = file.id) RETURNING id"
)
_NEEDLESS = text(
    "SELECT f.id, f.state, EXISTS (SELECT FROM entry e WHERE e.body ->> 'file' = CAST(f.id AS text))"
    " OR EXISTS (SELECT FROM file_use u WHERE u.file_id = f.id) AS named"
    " FROM file f WHERE f.id = ANY (:ids) FOR UPDATE OF f"
)
_DELETE = text("DELETE FROM file WHERE id = ANY (:ids)")


@dataclass(frozen=True, slots=True)
class Found:
    """A file's row, read by itself: what the columns mean stands with `models.File`."""

    id: UUID
    account_id: UUID
    kind: Kind
    name: str
    media_type: str
    format: str
    length: int
    received: int
    state: State
    code: str | None
    params: dict[str, Any]
    sizes: dict[Size, dict[str, int]]
    expires_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """`length` bytes that lie in the store, from `at` on."""

    at: int
    length: int
    key: str


async def lock_account(work: Work, account_id: UUID) -> None:
    """Let nobody else begin a file for the account until this transaction ends, so that limits hold."""
    await work.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('files:' || :id, 0))"), {"id": str(account_id)}
    )


async def begun_since(work: Work, account_id: UUID, since: datetime) -> tuple[int, int]:
    """How many files an account has begun since then, and how many bytes they announce."""
    row = (
        await work.execute(
            select(func.count(), func.coalesce(func.sum(File.length), 0)).where(
                File.account_id == account_id, File.created_at > since
            )
        )
    ).one()
    return int(row[0]), int(row[1])


async def add(work: Work, file: File) -> None:
    """A new file, of which nothing has arrived."""
    work.add(file)
    await work.flush()


async def find(direct: Direct, file_id: UUID) -> Found | None:
    """A file as it stands."""
    row = await direct.row(_FILE, file_id)
    if row is None:
        return None
    # asyncpg gives JSON as it is written.
    return Found(**(dict(row) | {name: json.loads(row[name]) for name in ("params", "sizes")}))


async def advance(work: Work, file_id: UUID, pieces: Sequence[Piece]) -> str | None:
    """Note pieces that follow what has arrived. The state afterwards; None: they do not follow it (any more)."""
    state: str | None = await work.scalar(
        _ADVANCE,
        {
            "id": file_id,
            "at": pieces[0].at,
            "length": sum(piece.length for piece in pieces),
            "pieces": len(pieces),
        },
    )
    if state is not None:
        await work.execute(
            _PIECES,
            {
                "id": file_id,
                "places": [piece.at for piece in pieces],
                "sizes": [piece.length for piece in pieces],
                "keys": [piece.key for piece in pieces],
            },
        )
    return state


async def locked(work: Work, file_id: UUID) -> File | None:
    """A file, locked."""
    return await work.get(File, file_id, with_for_update=True)


async def pieces_of(work: Work, file_id: UUID) -> Sequence[FilePiece]:
    """What a file has arrived in, in order."""
    return (
        await work.scalars(select(FilePiece).where(FilePiece.file_id == file_id).order_by(FilePiece.at))
    ).all()


async def forget_pieces(work: Work, file_id: UUID) -> None:
    """The file is whole: its pieces are needed no more."""
    await work.execute(text("DELETE FROM file_piece WHERE file_id = :id"), {"id": file_id})


async def naming(direct: Direct, file_id: UUID) -> Sequence[asyncpg.Record]:
    """Where lines that stand name a file: thread_id, audience, subject_kind, subject_id."""
    return await direct.fetch(_NAMED, str(file_id))


async def sayable(
    direct: Direct, account_id: UUID, file_id: UUID, unused: timedelta
) -> asyncpg.Record | None:
    """Kind and state of an account's own file; None when there is none, or when it is about to be swept."""
    return await direct.row(_SAYABLE, file_id, account_id, unused)


async def remove_unnamed(work: Work, ids: Sequence[UUID]) -> Sequence[UUID]:
    """Take files from everybody, their uploaders too, unless a line names or something shows them. Returns which."""
    return list(await work.scalars(_REMOVE, {"ids": list(ids)}))


async def needed(work: Work, ids: Sequence[UUID]) -> Sequence[Any]:
    """Of these files, locked: id, state, and whether a line names it or something shows it."""
    return (await work.execute(_NEEDLESS, {"ids": list(ids)})).all()


async def used(direct: Direct, file_id: UUID) -> Sequence[asyncpg.Record]:
    """What shows a file besides lines: subject_kind, subject_id."""
    return await direct.fetch(_USED, file_id)


async def usable(work: Work, account_id: UUID, ids: Sequence[UUID], unused: timedelta) -> Sequence[Any]:
    """Of these files the account's own that are not about to be swept: id, kind, state."""
    values = {"ids": list(ids), "account_id": account_id, "unused": unused}
    return (await work.execute(_USABLE, values)).all()


async def uses(work: Work, subject_kind: str, subject_id: UUID) -> set[UUID]:
    """The files that a subject shows."""
    values = {"subject_kind": subject_kind, "subject_id": subject_id}
    return set(await work.scalars(_USES, values))


async def set_uses(
    work: Work, subject_kind: str, subject_id: UUID, *, added: Sequence[UUID], dropped: Sequence[UUID]
) -> None:
    """Have a subject show further files, and others no longer."""
    values = {"subject_kind": subject_kind, "subject_id": subject_id}
    if added:
        await work.execute(_USE, values | {"ids": list(added)})
    if dropped:
        await work.execute(_DISUSE, values | {"ids": list(dropped)})


async def delete(work: Work, ids: Sequence[UUID]) -> None:
    """Delete files and the notes of their pieces."""
    await work.execute(_DELETE, {"ids": list(ids)})
