"""Taking the bytes of an upload, piece by piece: what arrived before a line broke stays.

A piece is first put into the store and then noted with the file, in a transaction of its own that finds the file where
the piece begins. So the offset only ever counts what is kept; of two who send the same bytes at once, whoever notes
them first wins and the other is told where to go on; and any node can take the next piece. A piece that lost, or whose
process was killed between the two, lies in the store until the file is whole or swept.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, Damaged, NotFound
from backend.features.files import repository
from backend.features.files.repository import Found, Piece
from backend.features.files.rules import MOST_PIECES
from backend.features.files.service.beginning import sweep_at
from backend.features.files.service.keys import piece_key
from backend.platform.outbox import enqueue
from backend.platform.process import Process

LOOK: Final = "files.look"
"""The job that looks at a file that has arrived whole."""

PIECE_BYTES: Final = 512 << 10


class Cut(Exception):
    """The line broke in the middle of what was being sent."""


class Overfull(Exception):
    """More bytes came than the `left` that were still to come."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one sending must come to."""

    algorithm: str
    digest: bytes


async def upload_of(process: Process, caller: Caller, file_id: UUID) -> Found:
    """The caller's own upload.

    Raises:
        NotFound: there is none, or not for this caller; `upload_expired`: its day is over.
    """
    row = await repository.find(process.direct, file_id)
    if row is None or row.account_id != caller.account_id or row.state == "removed":
        raise NotFound()
    if row.state == "receiving" and row.expires_at <= process.clock.now():
        raise NotFound("upload_expired")
    return row


async def receive(
    process: Process, upload: Found, at: int, chunks: AsyncIterator[bytes], checksum: Checksum | None
) -> int:
    """Take what comes, from `at` on; returns the offset to go on from.

    What was kept before a refusal stays kept; with a checksum nothing is, unless all of it came and was right.

    Raises:
        Conflict: `upload_offset_differs`: the upload stands elsewhere; `upload_in_crumbs`.
        Damaged: `upload_damaged`, by the checksum.
        NotFound: as for `upload_of`.
        Overfull: see there.
    """
    if at != upload.received:
        raise Conflict("upload_offset_differs", offset=upload.received)
    intake = _Intake(process, upload.id, at, upload.length, checksum)
    try:
        async for chunk in chunks:
            await intake.take(chunk)
    except Cut:
        if checksum is not None:
            return at
    except asyncio.CancelledError:
        # It has taken too long, or this process is asked to end: what has come is kept all the same.
        if checksum is None:
            await intake.finish()
        raise
    await intake.finish()
    return intake.noted


class _Intake:
    """One sending under way. `noted` is the offset that stands in the database."""

    def __init__(self, process: Process, file_id: UUID, at: int, end: int, checksum: Checksum | None) -> None:
        self._process, self._file_id, self._end, self._checksum = process, file_id, end, checksum
        self._digest = None if checksum is None else hashlib.new(checksum.algorithm, usedforsecurity=False)
        self._gathered = bytearray()
        self._stored: list[Piece] = []
        self._at = self.noted = at

    async def take(self, chunk: bytes) -> None:
        left = self._end - self._at - len(self._gathered)
        if len(chunk) > left:
            raise Overfull(left)
        if self._digest is not None:
            self._digest.update(chunk)
        self._gathered += chunk
        while len(self._gathered) >= PIECE_BYTES:
            await self._store(PIECE_BYTES)

    async def finish(self) -> None:
        wanted, digest = self._checksum, self._digest
        if wanted is not None and digest is not None and digest.digest() != wanted.digest:
            raise Damaged("upload_damaged")
        if self._gathered:
            await self._store(len(self._gathered))
        await self._note()

    async def _store(self, size: int) -> None:
        content = bytes(self._gathered[:size])
        piece = Piece(self._at, size, piece_key(self._file_id, self._at))
        await self._process.store.put(piece.key, content)
        del self._gathered[:size]
        self._stored.append(piece)
        self._at += size
        if self._checksum is None:
            await self._note()

    async def _note(self) -> None:
        pieces, self._stored = self._stored, []
        if not pieces:
            return
        process = self._process
        async with process.works.begin() as work:
            state = await repository.advance(work, self._file_id, pieces)
            if state == "processing":
                await enqueue(work, process.waker, LOOK, {"file": str(self._file_id)})
                unused = timedelta(hours=process.settings.files_unused_hours)
                await sweep_at(process, work, self._file_id, after=unused)
        if state is None:
            await self._explain(pieces[0].at)
        self.noted = self._at

    async def _explain(self, at: int) -> None:
        row = await repository.find(self._process.direct, self._file_id)
        if row is None or row.state == "removed":
            raise NotFound()
        if row.received != at or row.state != "receiving":
            raise Conflict("upload_offset_differs", offset=row.received)
        if row.expires_at <= self._process.clock.now():
            raise NotFound("upload_expired")
        raise Conflict("upload_in_crumbs", limit=MOST_PIECES)
