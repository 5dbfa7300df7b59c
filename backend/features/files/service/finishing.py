"""A file has arrived whole: its pieces become one, it is looked at, and kept as it may be shown or refused by name."""

import asyncio
import hashlib
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from backend.db.work import Work
from backend.features.files import repository
from backend.features.files.looking.process import look_at
from backend.features.files.looking.refused import FileRefused
from backend.features.files.models import File
from backend.features.files.rules import Size
from backend.features.files.service.keys import file_key, pieces_under
from backend.platform.process import Process
from backend.platform.storage import Missing


async def look(process: Process, work: Work, file_id: UUID) -> None:
    """Turn a file from `processing` to `ready` or `refused`. Safe to repeat: what was put is put over again."""
    file = await repository.locked(work, file_id)
    if file is None or file.state != "processing":
        return
    # The names of its files tell nothing, and all of it goes whatever happens.
    with TemporaryDirectory(prefix="tongxing-file-") as folder:
        try:
            file.sizes = await _keep(process, work, file, Path(folder))
            file.state, file.finished_at = "ready", process.clock.now()
        except FileRefused as refused:
            file.state, file.code, file.params = "refused", refused.code, refused.params
    await repository.forget_pieces(work, file.id)
    await work.flush()
    # For the room they take; were it not to happen, the sweep would do it.
    work.after_commit(partial(process.store.delete_under, pieces_under(file.id)))


async def _keep(process: Process, work: Work, file: File, folder: Path) -> dict[Size, dict[str, int]]:
    whole = folder / "whole"
    digest = hashlib.sha256()
    for piece in await repository.pieces_of(work, file.id):
        content = b"".join([part async for part in process.store.read(piece.key, 0, piece.length)])
        if len(content) != piece.length:
            raise Missing(piece.key)
        digest.update(content)
        await asyncio.to_thread(_append, whole, content)
    if file.sha256 is not None and digest.digest() != file.sha256:
        raise FileRefused("file_damaged")
    sizes = await look_at(file.kind, file.format, whole, folder)
    if not sizes:
        await process.store.put(file_key(file.id, "original"), whole)
        return {"original": {"bytes": file.length}}
    for size in sizes:
        await process.store.put(file_key(file.id, size), folder / size)
    return sizes


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)
