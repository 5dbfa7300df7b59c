"""A WebSocket client lean enough to outrun every server that is measured: text frames, no extensions, no checks."""

import asyncio
from collections.abc import Iterable
from typing import cast

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_FINAL, _MASKED = 0x80, 0x80
_KEY = bytes(4)
"""A key of zeros leaves the payload as it is; the server unmasks it all the same."""

_AT_ONCE = 256
"""How many handshakes are under way together: what listens must not overflow."""


class Misbehaved(Exception):
    """A server closed, refused, or said something else than what is measured."""


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A masked frame, as it goes over the wire."""
    head, size = bytes([_FINAL | opcode]), len(payload)
    if size < 126:
        return head + bytes([_MASKED | size]) + _KEY + payload
    if size < 1 << 16:
        return head + bytes([_MASKED | 126]) + size.to_bytes(2) + _KEY + payload
    return head + bytes([_MASKED | 127]) + size.to_bytes(8) + _KEY + payload


class Client(asyncio.Protocol):
    """One socket. What it is for is a subclass: `opened` and `heard`.

    `ready` is done once the subclass says so; a socket that ends before, or unasked, is `wrong`.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._pending = b""
        self._open = False
        self._leaving = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.wrong: str | None = None
        self.transport: asyncio.Transport | None = None

    def opened(self) -> None:
        """The handshake is done."""

    def heard(self, payload: bytes) -> None:
        """A text frame came."""

    def send(self, frames: bytes) -> None:
        assert self.transport is not None
        self.transport.write(frames)

    def went_wrong(self, why: str) -> None:
        self.wrong = self.wrong or why
        if not self.ready.done():
            self.ready.set_exception(Misbehaved(why))

    def leave(self) -> None:
        """End it as a phone does that loses its network: without a word."""
        self._leaving = True
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._leaving:
            self.went_wrong(f"closed: {exc}")

    def data_received(self, data: bytes) -> None:
        if self._pending:
            data = self._pending + data
        at, end = 0, len(data)
        if not self._open:
            head = data.find(b"\r\n\r\n")
            if head < 0:
                self._pending = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                self.went_wrong(data[:300].decode(errors="replace"))
                self.leave()
                return
            self._open, at = True, head + 4
            self.opened()
        while end - at >= 2:
            size, begin = data[at + 1], at + 2
            if size == 126:
                begin = at + 4
                size = (data[at + 2] << 8) + data[at + 3] if end >= begin else end
            elif size == 127:
                begin = at + 10
                size = int.from_bytes(data[at + 2 : begin])
            if begin + size > end:
                break
            if data[at] == _FINAL | TEXT:
                self.heard(data[begin : begin + size])
            else:
                self._control(data[at] & 15, data[begin : begin + size])
            at = begin + size
        self._pending = data[at:]

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.send(frame(payload, PONG))
        elif opcode == CLOSE and not self._leaving:
            self.went_wrong(f"closed by the server: {payload!r}")


async def connect(port: int, clients: Iterable[Client]) -> None:
    """Open all of them and return once each is ready.

    Raises:
        Misbehaved: one of them was not let in.
    """
    loop = asyncio.get_running_loop()
    places = asyncio.Semaphore(_AT_ONCE)

    async def open_one(client: Client) -> None:
        async with places:
            await loop.create_connection(lambda: client, "127.0.0.1", port)
            await client.ready

    await asyncio.gather(*(open_one(client) for client in clients))


def check(clients: Iterable[Client]) -> None:
    """Raise Misbehaved for the first of them that something went wrong with."""
    for client in clients:
        if client.wrong is not None:
            raise Misbehaved(client.wrong)
