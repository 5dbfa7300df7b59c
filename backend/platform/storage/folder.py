"""A store in a folder: of one machine, or of a file system that all nodes share."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from backend.core.ids import new_id
from backend.platform.storage.store import PIECE_BYTES, Missing, StoreAway

# Written beside what is read, so that nobody ever reads half of an object. No key has a colon.
_UNFINISHED = "unfinished:"


class Folder:
    """Objects as files. They are written aside, forced to the disk and then named, so that one is there whole or not.

    obstore has a store over folders too, but it does not force what it writes to the disk: an upload's offset would be
    a promise that a power cut breaks.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, content: bytes | Path) -> None:
        await asyncio.to_thread(self._put, self._path(key), content)

    async def size(self, key: str) -> int:
        try:
            return (await asyncio.to_thread(self._path(key).stat)).st_size
        except FileNotFoundError:
            raise Missing(key) from None
        except OSError as error:
            raise StoreAway(f"the folder {self._root}: {error.strerror}") from error

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        try:
            with await asyncio.to_thread(self._path(key).open, "rb") as file:
                file.seek(start)
                left = end - start
                while left > 0 and (piece := await asyncio.to_thread(file.read, min(left, PIECE_BYTES))):
                    left -= len(piece)
                    yield piece
        except FileNotFoundError:
            raise Missing(key) from None
        except OSError as error:
            raise StoreAway(f"the folder {self._root}: {error.strerror}") from error

    async def delete_under(self, prefix: str) -> None:
        await asyncio.to_thread(self._delete, self._path(prefix))

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _path(self, key: str) -> Path:
        parts = key.strip("/").split("/")
        assert all(part.strip(".") for part in parts), "keys are ours: none climbs out of the folder"
        return self._root.joinpath(*parts)

    def _put(self, path: Path, content: bytes | Path) -> None:
        aside = path.with_name(f"{_UNFINISHED}{new_id()}")
        try:
            _make(path.parent)
            try:
                with aside.open("xb") as file:
                    if isinstance(content, Path):
                        with content.open("rb") as source:
                            shutil.copyfileobj(source, file, PIECE_BYTES)
                    else:
                        file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                aside.replace(path)
            except BaseException:
                aside.unlink(missing_ok=True)
                raise
            _force(path.parent)
        except OSError as error:
            raise StoreAway(f"the folder {self._root}: {error.strerror}") from error

    def _delete(self, folder: Path) -> None:
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreAway(f"the folder {self._root}: {error.strerror}") from error


def _make(folder: Path) -> None:
    """Make a folder and those above it, each forced to the disk in the one that holds it."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        _force(folder.parent)


def _force(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
