"""`GET /v1/socket`: from the handshake to the close. It stands before the framework's routes, on bare ASGI: an idle
socket costs a task and its state, and a frame one call.
"""

import asyncio
import random
import time
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Receive, Scope, Send

from backend.core.errors import NotSignedIn, TooMany, Unavailable
from backend.core.locale import choose
from backend.core.logging import log
from backend.platform.http.flood import Flood
from backend.platform.realtime.conversing import Conversing, refuse_wrong
from backend.platform.realtime.frames import Bye, Hello
from backend.platform.realtime.outgoing import WIRE, Wire, ended
from backend.platform.realtime.refusing import Wrong, decoded
from backend.platform.realtime.saying import refuse
from backend.platform.realtime.signing import Signing
from backend.platform.realtime.socket import Socket

COME_BACK_SECONDS: Final = 5.0
"""Clients of a node that goes away come back within this time, each at a moment of its own."""

_ACCEPT: Final = {"type": "websocket.accept"}


class Door:
    """One a process. `closed` once the process is going away."""

    def __init__(
        self,
        conversing: Conversing,
        signing: Signing,
        flood: Flood,
        *,
        origins: tuple[str, ...],
        frames_most: int,
        bytes_most: int,
        frames_at_once: float,
        hello_seconds: float,
    ) -> None:
        self._conversing, self._signing, self._flood = conversing, signing, flood
        self._origins = frozenset(origins)
        self._frames_most, self._bytes_most, self._at_once = frames_most, bytes_most, frames_at_once
        self._hello_seconds = hello_seconds
        self.closed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it ends."""
        await receive()  # websocket.connect
        if (status := self._refused(scope)) is not None:
            await _answer(send, status)
            return
        await send(_ACCEPT)
        wire: Wire = scope["extensions"].pop(WIRE)["wire"]
        socket = Socket(wire, frames_most=self._frames_most, bytes_most=self._bytes_most)
        try:
            await ended(self._serve(socket, wire, receive), socket)
        finally:
            wire.hear(None)

    def _refused(self, scope: Scope) -> tuple[int, int] | None:
        """Why this handshake is refused, as an HTTP status and after how many seconds to come back; None: it is not."""
        if self.closed:
            return 503, round(COME_BACK_SECONDS)
        try:
            self._flood.count_address(scope["client"][0] if scope.get("client") else "unknown")
        except TooMany as refusal:
            return 429, refusal.retry_after
        # Browsers always send it, native apps never.
        headers = dict(reversed(scope["headers"]))
        origin = headers.get(b"origin", b"").decode("latin-1")
        own = headers.get(b"host", b"").decode("latin-1")
        if origin and origin not in self._origins and urlsplit(origin).netloc != own:
            return 403, 0
        return None

    async def _serve(self, socket: Socket, wire: Wire, receive: Receive) -> None:
        try:
            hello = await self._hello(socket, receive)
            if hello is not None and await self._sign_in(socket, hello):
                await self._converse(socket, wire, hello, receive)
        except OSError:
            pass  # The other side went away in the middle.
        except Exception:
            log.exception("socket_failed")
            socket.close(1011)
        await socket.drained()

    async def _hello(self, socket: Socket, receive: Receive) -> Hello | None:
        try:
            async with asyncio.timeout(self._hello_seconds):
                message = await receive()
        except TimeoutError:
            socket.close(4000)
            return None
        if message["type"] != "websocket.receive":
            return None
        try:
            frame = decoded(message["message"])
            if isinstance(frame, Hello):
                socket.locale = choose(frame.locale)
                return frame
            raise Wrong("hello_first")
        except Wrong as wrong:
            refuse_wrong(socket, wrong)
            socket.close(4000)
        return None

    async def _sign_in(self, socket: Socket, hello: Hello) -> bool:
        try:
            caller = await self._signing.authenticate(hello.token)
            if caller is None:
                refuse(socket, NotSignedIn(), of="hello")
                socket.close(4001)
                return False
            ready = await self._signing.ready(caller)
        except Unavailable as refusal:
            socket.say(Bye(refusal.code, come_back()))
            socket.close(1012)
            return False
        socket.caller, socket.token = caller, hello.token
        socket.tokens = self._at_once
        socket.counted_at = socket.used_at = time.monotonic()
        socket.say(ready)
        return True

    async def _converse(self, socket: Socket, wire: Wire, hello: Hello, receive: Receive) -> None:
        conversing, signing = self._conversing, self._signing
        await signing.enter(socket)
        try:
            await self._look_again(socket)
            conversing.entered(socket, hello)
            del hello
            wire.hear(partial(conversing.take, socket))
            while (message := await receive())["type"] == "websocket.receive":
                taking = message["taking"]
                while taking is not None:
                    await taking
                    taking = wire.go_on()
        finally:
            socket.closing = True
            await signing.leave(socket)
            await conversing.leave(socket)

    async def _look_again(self, socket: Socket) -> None:
        """Between its token's check and its being known here its session may have ended."""
        try:
            if await self._signing.authenticate(socket.token) is None:
                socket.close(4001)
        except Unavailable as refusal:
            socket.say(Bye(refusal.code, come_back()))
            socket.close(1012)


def come_back() -> float:
    """After how many seconds a client is to come back: so many never come at once."""
    return round(random.uniform(0.2, COME_BACK_SECONDS), 2)  # noqa: S311  # no secret


async def _answer(send: Send, status: tuple[int, int]) -> None:
    code, retry_after = status
    headers = [(b"content-length", b"0")]
    if retry_after:
        headers.append((b"retry-after", str(retry_after).encode()))
    await send({"type": "websocket.http.response.start", "status": code, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b""})
