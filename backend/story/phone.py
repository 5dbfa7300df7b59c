"""An engineer's phone: what is done in a basement is kept on it, and handed in when there is a network."""

import asyncio
import struct
import uuid
import zlib
from typing import Any, Final

from backend.story.telling import Wrong
from backend.story.town import Employee, Json, until

_WIDTH: Final = 64
_HEIGHT: Final = 48


class Phone:
    """`record` needs no network; `hand_in` sends what was recorded, as often as one likes."""

    def __init__(self, engineer: Employee, device: str) -> None:
        self.engineer, self.device = engineer, device
        self.tickets: dict[str, Json] = {}
        self.outbox: list[Json] = []

    async def download(self) -> None:
        """Take the day along.

        Raises:
            Wrong: the server does not answer as it should.
        """
        page = await self.engineer.get("/sync")
        self.tickets = {one["id"]: one for one in page["tickets"]}

    def record(self, ticket: str, op: str, **data: Any) -> None:
        """Keep what was done, as of now; a photo stands in it as its bytes."""
        self.outbox.append(
            {
                "id": str(uuid.uuid4()),
                "at": self.engineer.town.now().isoformat(),
                "ticket": ticket,
                "base_version": self.tickets[ticket]["version"],
                "op": op,
                "data": data,
            }
        )

    async def upload(self) -> int:
        """Hand the photos in first; returns how many there were."""
        photos: list[bytes] = []
        for operation in self.outbox:
            _find(operation["data"], photos)
        files = dict(zip(photos, await asyncio.gather(*map(self._send, photos)), strict=True))
        for operation in self.outbox:
            operation["data"] = _named(operation["data"], files)
        return len(photos)

    async def hand_in(self) -> list[str]:
        """Send everything; the result of each operation."""
        answer = await self.engineer.post("/sync", device=self.device, operations=self.outbox)
        refused = [one for one in answer["results"] if one["result"] in ("refused", "later")]
        if refused:
            raise Wrong(f"{self.engineer.name}: POST /v1/sync", refused)
        return [one["result"] for one in answer["results"]]

    async def _send(self, content: bytes) -> str:
        begun = await self.engineer.post(
            "/files", kind="photo", name="photo.png", media_type="image/png", bytes=len(content)
        )
        file: str = begun["id"]
        tus = {
            "tus-resumable": "1.0.0",
            "upload-offset": "0",
            "content-type": "application/offset+octet-stream",
        }
        await self.engineer.ask("PATCH", f"/uploads/{file}", 204, headers=tus, content=content)

        async def looked_at() -> str | None:
            state = (await self.engineer.get(f"/files/{file}"))["state"]
            return None if state in ("receiving", "processing") else file

        return await until("a photo is drawn anew", looked_at)


def _find(value: Any, photos: list[bytes]) -> None:
    match value:
        case bytes():
            if value not in photos:
                photos.append(value)
        case dict():
            _find(list(value.values()), photos)
        case list():
            for part in value:
                _find(part, photos)


def _named(value: Any, files: dict[bytes, str]) -> Any:
    match value:
        case bytes():
            return files[value]
        case dict():
            return {key: _named(part, files) for key, part in value.items()}
        case list():
            return [_named(part, files) for part in value]
    return value


def photo(shade: int) -> bytes:
    """A PNG of one colour; another one for another shade."""
    row = b"\0" + bytes((shade % 256, 120, 90)) * _WIDTH
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    pieces = ((b"IHDR", header), (b"IDAT", zlib.compress(row * _HEIGHT)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_piece(kind, data) for kind, data in pieces)


def _piece(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
