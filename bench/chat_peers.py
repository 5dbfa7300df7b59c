"""What sockets are measured beside that is not Node: `python -m bench.chat_peers NAME --port N`.

`echo` hands frames on without looking at them: what the load can do when the server does almost nothing.
`broadcast` is the `websockets` library alone: whatever one socket says goes to all of them.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

_BACKLOG = 4096
_SWITCH = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
_WATCHING = b'{"op":"watching"}'
_MASKED_HEAD = 8
"""Bytes before the payload of a masked frame of 126 bytes to 64 KiB."""


class _Echo(asyncio.Protocol):
    """Understands what `bench.dialects.Bare` sends, and only that; its frames are masked with zeros."""

    rooms: dict[bytes, list[asyncio.Transport]] = {}  # noqa: RUF012 - one server a process

    def __init__(self) -> None:
        self._room: list[asyncio.Transport] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        transport = self._transport
        assert transport is not None
        if data.startswith(b"GET "):
            transport.write(_SWITCH)
        elif self._room is None:
            self._room = self.rooms.setdefault(data, [])
            self._room.append(transport)
            transport.write(bytes([0x81, len(_WATCHING)]) + _WATCHING)
        else:
            line = data[_MASKED_HEAD:].partition(b",")[2]
            for other in self._room:
                what = b'{"op":"said",' if other is transport else b'{"op":"entry",'
                size = len(what) + len(line)
                other.write(b"\x81\x7e" + size.to_bytes(2) + what + line)


async def _echo(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Echo, "127.0.0.1", port, backlog=_BACKLOG)
    await server.serve_forever()


async def _broadcast(port: int) -> None:
    sockets: set[ServerConnection] = set()

    async def stay(socket: ServerConnection) -> None:
        sockets.add(socket)
        await socket.send(_WATCHING.decode())
        with suppress(ConnectionClosed):
            async for said in socket:
                broadcast(sockets, said)
        sockets.remove(socket)

    async with serve(
        stay, "127.0.0.1", port, compression=None, ping_interval=None, backlog=_BACKLOG
    ) as server:
        await server.serve_forever()


_PEERS: dict[str, Callable[[int], Awaitable[None]]] = {"echo": _echo, "broadcast": _broadcast}


async def _serve(name: str, port: int) -> None:
    await _PEERS[name](port)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=list(_PEERS))
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(given.name, given.port))
