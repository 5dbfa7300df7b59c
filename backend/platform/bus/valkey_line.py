"""One line to Valkey for what happens thousands of times a second: commands go out without waiting for their answers.

redis-py would take 180 µs for each published line; this is asyncio's transport with hiredis reading (decision 19).
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, cast

import hiredis
from redis.asyncio.connection import parse_url

from backend.core.logging import log

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
_PATIENCE_SECONDS: Final = 3.0
_ALIVE_SECONDS: Final = 5.0
_BUFFER_BYTES: Final = 4 << 20
"""What may wait to go out; a Valkey that reads no faster is treated as one that is away."""

Push = Callable[[list[Any]], None]
Word = str | bytes | int


class ValkeyAway(ConnectionError):
    """Valkey does not answer now."""


class _Wire(asyncio.Protocol):
    """Bytes to and from one connection. Answers come in the order of the commands; pushes between them."""

    def __init__(self, push: Push) -> None:
        self._push = push
        self._reader = hiredis.Reader(notEnoughData=_NOTHING)
        self._waiting: deque[asyncio.Future[Any] | None] = deque()
        self._out: list[bytes] = []
        self._soon = asyncio.get_running_loop().call_soon
        self.transport: asyncio.Transport | None = None
        self.lost = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by its type

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)
        for future in self._waiting:
            if future is not None and not future.done():
                future.set_exception(ValkeyAway())
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (answer := self._reader.gets()) is not _NOTHING:
                if isinstance(answer, hiredis.PushNotification):
                    self._push(answer)
                else:
                    self._answered(answer)
        except (hiredis.HiredisError, IndexError):
            self.abort()  # What it says is no answer to what we asked.

    def _answered(self, answer: Any) -> None:
        future = self._waiting.popleft()
        if future is None or future.done():
            return
        if isinstance(answer, hiredis.ReplyError):
            future.set_exception(ValkeyAway(str(answer)))
        else:
            future.set_result(answer)

    def write(self, command: bytes, future: asyncio.Future[Any] | None) -> None:
        self._waiting.append(future)
        self.push_only(command)

    def push_only(self, command: bytes) -> None:
        """A command that is answered by pushes alone. What is told within a turn of the loop goes out in one write."""
        if not self._out:
            self._soon(self._flush)
        self._out.append(command)

    def _flush(self) -> None:
        out, self._out = self._out, []
        if self.transport is not None and not self.gone:
            self.transport.write(b"".join(out))

    @property
    def gone(self) -> bool:
        """Whether it is closed. `ValkeyLine` hears of it a moment later; uvloop lets nobody write until then."""
        return self.transport is None or self.lost.done()

    @property
    def full(self) -> bool:
        """Whether nothing more can be told it now."""
        return self.transport is None or self.gone or self.transport.get_write_buffer_size() > _BUFFER_BYTES

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()


_NOTHING: Final = object()


def _packed(command: Sequence[Word]) -> bytes:
    packed: bytes = hiredis.pack_command(tuple(command))  # type: ignore[arg-type]  # it takes tuples of any length
    return packed


class ValkeyLine:
    """Keeps one connection to a Valkey, comes back with growing pauses, and says when it is up again."""

    def __init__(
        self, url: str, *, push: Push = lambda _: None, up: Callable[[], None] = lambda: None
    ) -> None:
        self._where = parse_url(url)
        self._push, self._up = push, up
        self._wire: _Wire | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_up = asyncio.Event()
        self._is_away = False

    def start(self) -> None:
        """Begin to connect, when that has not begun yet. Must be called in the loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    @property
    def connected(self) -> bool:
        return self._wire is not None

    def tell(self, *command: Word) -> bool:
        """Send a command whose answer nobody waits for. False: Valkey is away, and it was not sent."""
        wire = self._wire
        if wire is None or wire.full:
            return False
        wire.write(_packed(command), None)
        return True

    def tell_topics(self, *command: str) -> bool:
        """SUBSCRIBE and UNSUBSCRIBE, which are answered by pushes. False: it was not sent."""
        if self._wire is None or self._wire.gone:
            return False
        self._wire.push_only(_packed(command))
        return True

    def ask(self, *command: Word) -> asyncio.Future[Any]:
        """Send a command; its answer comes as the future's result.

        Raises (in the future):
            ValkeyAway: it does not answer, or refuses.
        """
        future = asyncio.get_running_loop().create_future()
        if self._wire is None or self._wire.full:
            future.set_exception(ValkeyAway())
        else:
            self._wire.write(_packed(command), future)
        return future

    async def aclose(self) -> None:
        """Let out for a moment what was told, and close. When Valkey is known to be away nothing waits to go out."""
        if self._task is None:
            return
        if not self._is_away:
            with suppress(ValkeyAway, TimeoutError):
                async with asyncio.timeout(1):
                    await self._is_up.wait()
                    await self.ask("PING")
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            wire: _Wire | None = None
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    wire = await self._connect()
                self._wire = wire
                self._is_up.set()
                self._is_away = False
                pause = _FIRST_PAUSE
                self._up()
                await self._watch(wire)
            except (OSError, TimeoutError, hiredis.HiredisError) as error:
                self._is_away = True
                log.warning("valkey_line_cut", error=type(error).__name__, again_in=pause)
            finally:
                self._wire = None
                self._is_up.clear()
                if wire is not None:
                    wire.abort()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _watch(self, wire: _Wire) -> None:
        """Until the connection is lost, or does not answer any more."""
        while True:
            await asyncio.wait([wire.lost], timeout=_ALIVE_SECONDS)
            if wire.lost.done():
                raise ConnectionResetError
            alive = asyncio.get_running_loop().create_future()
            wire.write(_packed(("PING",)), alive)
            # `wait_for` of 3.11 forgets a cancellation that comes with the answer: closing would wait for ever.
            async with asyncio.timeout(_ALIVE_SECONDS):
                await alive

    async def _connect(self) -> _Wire:
        loop, where = asyncio.get_running_loop(), self._where

        def make() -> _Wire:
            return _Wire(self._push)

        if path := where.get("path"):
            _, wire = await loop.create_unix_connection(make, path)
        else:
            tls = (
                ssl.create_default_context()
                if "SSL" in where.get("connection_class", object).__name__
                else None
            )
            host, port = where.get("host", "localhost"), int(where.get("port", 6379))
            _, wire = await loop.create_connection(make, host, port, ssl=tls)
        try:
            hello: list[str] = ["HELLO", "3"]
            if password := where.get("password"):
                hello += ["AUTH", where.get("username") or "default", password]
            for command in (hello, ["SELECT", str(where.get("db") or 0)]):
                answered = loop.create_future()
                wire.write(_packed(command), answered)
                await answered
        except BaseException:
            wire.abort()
            raise
        return wire
