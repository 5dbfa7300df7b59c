"""What goes out to one socket. As long as its reader keeps up a frame costs one call; when it does not, frames wait
in a bounded queue, and above its bound the socket is closed. Nobody else ever waits.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Protocol

from backend.platform.realtime.counting import COUNTS

Take = Callable[[bytes | None], Awaitable[None] | None]
"""Takes a message: a text in UTF-8, or None for a binary one. What it returns ends before the next message is taken."""


class Wire(Protocol):
    """A socket's connection, as the server has it. The ASGI scope of a socket brings it as an extension."""

    def write(self, frame: bytes) -> bool:
        """Send a frame, as it goes over the wire. False: its reader does not keep up, and it was not sent."""

    async def cleared(self) -> None:
        """Wait until the reader has taken enough. Returns too when the connection is gone."""

    def end(self, code: int, reason: str) -> bool:
        """Close the socket. False: as with `write`."""

    def hear(self, take: Take | None) -> None:
        """Have each message that waits, and each that comes, taken; None: no longer.

        What a message has to wait for is given to ASGI's `receive`, under `taking`.
        """

    def go_on(self) -> Awaitable[None] | None:
        """What was waited for has ended: take the messages that came meanwhile, up to one that has to wait again."""


WIRE: Final = "tongxing.wire"
"""The name of the extension."""

_GIVE_UP_SECONDS: Final = 30.0
"""For how long a socket that is being closed may take to read what stands before the close."""


class Outgoing:
    """One socket's way out. `put` may be called from anywhere in the loop and never waits."""

    __slots__ = (
        "_bytes", "_end", "_pump", "_queue", "_serving", "_wire", "_write", "bytes_most", "closing", "frames_most",
    )  # fmt: skip

    def __init__(self, wire: Wire, *, frames_most: int, bytes_most: int) -> None:
        self._wire, self._write = wire, wire.write
        self.frames_most, self.bytes_most = frames_most, bytes_most
        self.closing = False
        self._end: tuple[int, str] | None = None
        self._pump: asyncio.Task[None] | None = None
        self._queue: deque[bytes] | None = None
        self._bytes = 0
        self._serving = asyncio.current_task()

    def put(self, frame: bytes) -> None:
        """Send a frame now, or when those before it have gone. One frame for many sockets is one object."""
        if self.closing:
            return
        COUNTS.frames_out += 1
        if self._queue is not None or not self._write(frame):
            self._wait(frame)

    def close(self, code: int, reason: str = "") -> None:
        """Close the socket behind what has been sent."""
        if self.closing:
            return
        self.closing = True
        if self._pump is None and self._wire.end(code, reason):
            return
        self._end = (code, reason)
        self._queued()
        asyncio.get_running_loop().call_later(_GIVE_UP_SECONDS, self._give_up)

    @property
    def keeps_up(self) -> bool:
        """Whether nothing waits for the reader."""
        return self._pump is None

    async def drained(self) -> None:
        """Wait until the reader has taken everything."""
        if self._pump is not None:
            await asyncio.wait([self._pump])

    def _queued(self) -> deque[bytes]:
        if self._queue is None:
            self._queue = deque()
            self._pump = asyncio.create_task(self._go_on(self._queue))
        return self._queue

    def _wait(self, frame: bytes) -> None:
        queue = self._queued()
        self._bytes += len(frame)
        queue.append(frame)
        if len(queue) > self.frames_most or self._bytes > self.bytes_most:
            COUNTS.slow += 1
            queue.clear()
            self.close(4008)

    async def _go_on(self, queue: deque[bytes]) -> None:
        try:
            while True:
                await self._wire.cleared()
                while queue and self._write(queue[0]):
                    self._bytes -= len(queue.popleft())
                if not queue and (self._end is None or self._wire.end(*self._end)):
                    return
        finally:
            self._pump = self._queue = None
            self._bytes = 0

    def _give_up(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            if self._serving is not None:
                self._serving.cancel()


async def ended(serving: Coroutine[Any, Any, None], out: Outgoing) -> None:
    """Serve a socket until it ends; one that was given up ends quietly."""
    try:
        await serving
    except asyncio.CancelledError:
        if not out.closing:
            raise
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
