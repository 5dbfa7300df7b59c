"""A closed loop of keep-alive connections, lean enough to ask faster than the fastest of these servers answers."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import cast

from bench.harness import Measured

CONNECTIONS = 32
_WARM_SECONDS = 0.5


class UnexpectedAnswer(Exception):
    """A server answered with another status than the one that is measured."""


def request(path: str, headers: dict[str, str] | None = None) -> bytes:
    """A GET as it goes over the wire."""
    lines = [
        f"GET {path} HTTP/1.1",
        "host: bench",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class _Asking(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], status: bytes) -> None:
        self._requests, self._status = requests, b"HTTP/1.1 " + status
        self._pending = b""
        self.answered = 0
        self.wrong: bytes | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        data = self._pending + data
        head = data.find(b"\r\n\r\n")
        if head < 0 or len(data) < head + 4 + _length(data[:head]):
            self._pending = data
            return
        self._pending = b""
        assert self.transport is not None
        if not data.startswith(self._status):
            self.wrong = data[:300]
            self.transport.close()
            return
        self.answered += 1
        self.transport.write(next(self._requests))


def _length(head: bytes) -> int:
    at = head.find(b"content-length: ")
    return int(head[at + 16 : at + 26].split(b"\r", 1)[0]) if at >= 0 else 0


async def _rate(
    port: int, requests: Iterator[bytes], status: int, seconds: float, busy: Callable[[], float]
) -> tuple[float, float]:
    loop = asyncio.get_running_loop()
    asking = [_Asking(requests, str(status).encode()) for _ in range(CONNECTIONS)]
    for one in asking:
        await loop.create_connection(lambda one=one: one, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.sleep(_WARM_SECONDS)
    before, used, started = sum(one.answered for one in asking), busy(), time.perf_counter()
    await asyncio.sleep(seconds)
    answered, used, taken = (
        sum(one.answered for one in asking) - before,
        busy() - used,
        time.perf_counter() - started,
    )
    for one in asking:
        assert one.transport is not None
        one.transport.close()
        if one.wrong is not None:
            raise UnexpectedAnswer(one.wrong.decode(errors="replace"))
    return answered / taken, answered / used


def rate(
    loop: asyncio.Runner,
    port: int,
    requests: Sequence[bytes] | Iterator[bytes],
    seconds: float,
    status: int = 200,
) -> float:
    """Answers a second. A sequence is asked round and round, an iterator once through.

    Raises:
        UnexpectedAnswer: an answer had another status.
    """
    asked = cycle(requests) if isinstance(requests, Sequence) else requests
    return loop.run(_rate(port, asked, status, seconds, time.perf_counter))[0]


def rates(
    loop: asyncio.Runner, server: Measured, requests: Sequence[bytes], seconds: float, status: int = 200
) -> tuple[float, float]:
    """Answers a second, and answers a second of the server's CPU. Raises as `rate`."""
    return loop.run(_rate(server.port, cycle(requests), status, seconds, server.busy))


async def _answer(port: int, asked: bytes) -> tuple[dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(asked)
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(_length(head))
    writer.close()
    lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if line)
    return {"status": lines[0].split(" ")[1]} | headers, body


def answer(loop: asyncio.Runner, port: int, asked: bytes) -> tuple[dict[str, str], bytes]:
    """The headers (with `status`) and the body of one answer."""
    return loop.run(_answer(port, asked))
