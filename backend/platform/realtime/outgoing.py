"""What goes out to one socket. As long as its reader keeps up a frame costs one call; when it does not, frames wait
in a bounded queue, and above its bound the socket is closed. Nobody else ever waits.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Final

from backend.platform.realtime.counting import COUNTS

Frame = dict[str, Any]
"""An ASGI message. One frame for many sockets is one object."""

Send = Callable[[Frame], Awaitable[None]]

_GIVE_UP_SECONDS: Final = 30.0
"""For how long a socket that is being closed may take to read what stands before the close."""


class _GoneOn:
    """A coroutine that was begun by hand and had to wait: to be awaited from there on."""

    __slots__ = ("_begun", "_first")

    def __init__(self, begun: Coroutine[Any, Any, None], first: Any) -> None:
        self._begun, self._first = begun, first

    def __await__(self) -> Generator[Any, None, None]:
        try:
            yield self._first
        except BaseException as error:
            self._begun.throw(error)
            raise
        yield from self._begun.__await__()


class Outgoing:
    """One socket's way out. `put` may be called from anywhere in the loop and never waits."""

    __slots__ = ("_bytes", "_pump", "_queue", "_send", "_serving", "bytes_most", "closing", "frames_most")

    def __init__(self, send: Send, *, frames_most: int, bytes_most: int) -> None:
        self._send: Callable[[Frame], Any] = send
        self.frames_most, self.bytes_most = frames_most, bytes_most
        self.closing = False
        self._pump: asyncio.Task[None] | None = None
        self._queue: deque[Frame] | None = None
        self._bytes = 0
        self._serving = asyncio.current_task()

    def put(self, frame: Frame) -> None:
        """Send a frame now, or when those before it have gone."""
        if self.closing:
            return
        COUNTS.frames_out += 1
        if self._pump is None:
            self._begin(frame)
        else:
            self._wait(frame)

    def tell(self, text: str) -> None:
        """Send a text frame."""
        self.put({"type": "websocket.send", "text": text})

    def close(self, code: int, reason: str = "") -> None:
        """Close the socket behind what has been sent."""
        if self.closing:
            return
        self.closing = True
        frame = {"type": "websocket.close", "code": code, "reason": reason}
        if self._pump is None:
            self._begin(frame)
        else:
            assert self._queue is not None
            self._queue.append(frame)
        if self._pump is not None:
            asyncio.get_running_loop().call_later(_GIVE_UP_SECONDS, self._give_up)

    @property
    def keeps_up(self) -> bool:
        """Whether nothing waits for the reader."""
        return self._pump is None

    async def drained(self) -> None:
        """Wait until the reader has taken everything."""
        if self._pump is not None:
            await asyncio.wait([self._pump])

    def _begin(self, frame: Frame) -> None:
        begun = self._send(frame)
        try:
            first = begun.send(None)
        except StopIteration:
            return
        except OSError:
            self.closing = True  # The other side has gone; what reads from it is told.
            return
        self._queue = deque()
        self._pump = asyncio.create_task(self._go_on(_GoneOn(begun, first)))

    def _wait(self, frame: Frame) -> None:
        assert self._queue is not None
        self._bytes += len(frame["text"])
        self._queue.append(frame)
        if len(self._queue) > self.frames_most or self._bytes > self.bytes_most:
            COUNTS.slow += 1
            self._queue.clear()
            self.close(4008)

    async def _go_on(self, begun: Awaitable[None]) -> None:
        try:
            await begun
            while self._queue:
                frame = self._queue.popleft()
                self._bytes -= len(frame.get("text", ""))
                await self._send(frame)
        except OSError:
            self.closing = True
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
