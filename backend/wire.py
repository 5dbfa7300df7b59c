"""The socket's messages as they come off the wire and go onto it: uvicorn's protocol, without what a plain message on
an open socket has no need of.

A text message in one frame, which is what every client of ours sends, is read here. The handshake, control frames,
messages in parts or in binary, and whatever is wrong go the way of the `websockets` library, a whole frame at a time.
"""

import logging
from collections import deque
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State
from websockets.speedups import apply_mask

from backend.platform.realtime.outgoing import WIRE, Take

_FINAL_TEXT, _MASKED, _LENGTH, _KEY = 0x81, 0x80, 0x7F, 4
_MIDDLE, _LONG = 126, 127

# Both uvicorn and websockets log every socket that comes and goes, with its address: a fifth of what its coming costs.
_QUIET: Final = logging.getLogger("uvicorn.error.socket")
_QUIET.setLevel(logging.WARNING)


class SocketProtocol(WebSocketsSansIOProtocol):
    """A `Wire`. Until somebody hears, messages go uvicorn's way, under `message` in what `receive` gives."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = self.conn.logger = _QUIET
        self._take: Take | None = None
        self._full = False
        # Nothing came between the handshake's request and our answer: what comes now begins with a frame.
        self._framed = False
        self._part: bytearray | None = None
        self._needed = 0
        # A message is being waited for, and these came behind it.
        self._ahead: deque[bytes | None] | None = None

    def handle_connect(self, event: Request) -> None:
        """The handshake's request has come."""
        super().handle_connect(event)
        if not self.handshake_complete:  # else it was refused
            self.scope["extensions"][WIRE] = {"wire": self}

    def pause_writing(self) -> None:
        """The reader does not keep up."""
        self._full = True
        super().pause_writing()

    def resume_writing(self) -> None:
        """It does again."""
        self._full = False
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side has gone."""
        self._full = False
        super().connection_lost(exc)
        # It and the library's connection hold on to one another: they would have to wait for the collector.
        self.conn.parser.close()

    def write(self, frame: bytes) -> bool:
        """See `Wire`. To one that has gone nothing is sent; what reads from it is told."""
        if self._full:
            return False
        if not self.close_sent and self.conn.state is State.OPEN:
            self.transport.write(frame)
        return True

    async def cleared(self) -> None:
        """See `Wire`."""
        await self.writable.wait()

    def end(self, code: int, reason: str) -> bool:
        """See `Wire`."""
        if self._full:
            return False
        ending = self.send({"type": "websocket.close", "code": code, "reason": reason})
        with suppress(StopIteration, ClientDisconnected):
            ending.send(None)
        return True

    def hear(self, take: Take | None) -> None:
        """See `Wire`."""
        self._take = take
        if take is None:
            return
        for message in [self.queue.get_nowait() for _ in range(self.queue.qsize())]:
            if message["type"] == "websocket.receive":
                self._message(message["message"])  # type: ignore[typeddict-item]
            else:
                self.queue.put_nowait(message)
        self._read_on()

    def go_on(self) -> Awaitable[None] | None:
        """See `Wire`."""
        while self._ahead and self._take is not None:
            if (taking := self._taken(self._take, self._ahead.popleft())) is not None:
                return taking
        self._ahead = None
        self._read_on()
        return None

    async def receive(self) -> Any:
        """Receive an ASGI message. While one is being waited for, nothing further is read."""
        return await (super().receive() if self._take is None else self.queue.get())

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._framed and self.conn.state is State.OPEN:
            self._frames(data)
        else:
            self._framed = not self.handshake_initiated
            super().data_received(data)

    def _frames(self, data: bytes) -> None:
        """Take the whole frames, and keep what there is of the next one."""
        if self._part is not None:
            self._part += data
            if len(self._part) < self._needed:
                return
            data, self._part = bytes(self._part), None
        at, end = 0, len(data)
        while at < end:
            begin, stop = _extent(data, at)
            plain = data[at] == _FINAL_TEXT and self.conn.current_size is None
            if plain and at + 1 < end:
                plain = bool(data[at + 1] & _MASKED) and stop - begin <= self.config.ws_max_size
            if stop > end:
                if plain:
                    self._part, self._needed = bytearray(data[at:]), stop - at
                else:
                    # What may be wrong with it is said at once; whether it is over only the library knows.
                    self._framed = False
                    super().data_received(data[at:])
                return
            message = _text(apply_mask(data[begin:stop], data[begin - _KEY : begin])) if plain else None
            if message is not None:
                self._message(message)
            else:
                super().data_received(data[at:stop])
                if self.conn.state is not State.OPEN:
                    return
            at = stop

    def send_receive_event_to_app(self) -> None:
        """The library has read a message."""
        message, self.frames = b"".join(self.frames), []
        if self.curr_msg_data_type == "bytes":
            self._message(None)
        elif _text(message) is not None:
            self._message(message)
        elif not self.close_sent:
            self.conn.send_close(1007)
            self.handle_parser_exception()

    def _message(self, message: bytes | None) -> None:
        if self.close_sent:
            return
        if self._ahead is not None:
            self._ahead.append(message)
            return
        if self._take is None:
            self._queue_up("message", message)
        elif (taking := self._taken(self._take, message)) is not None:
            self._ahead = deque()
            self._queue_up("taking", taking)

    def _queue_up(self, name: str, what: Any) -> None:
        received: Any = {"type": "websocket.receive", name: what}
        self.queue.put_nowait(received)
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    @staticmethod
    def _taken(take: Take, message: bytes | None) -> Awaitable[None] | None:
        try:
            return take(message)
        except Exception as error:
            return _failing(error)

    def _read_on(self) -> None:
        if self.read_paused and self._ahead is None:
            self.read_paused = False
            self.transport.resume_reading()


def _extent(data: bytes, at: int) -> tuple[int, int]:
    """Where the payload of the frame at `at` begins and where it ends, as far as the bytes that are there tell."""
    begin, end = at + 2, len(data)
    if end < begin:
        return begin, begin
    size = data[at + 1] & _LENGTH
    if size == _MIDDLE:
        begin += 2
    elif size == _LONG:
        begin += 8
    if end < begin:
        return begin, begin
    if size >= _MIDDLE:
        size = int.from_bytes(data[at + 2 : begin])
    if data[at + 1] & _MASKED:
        begin += _KEY
    return begin, begin + size


def _text(message: bytes) -> bytes | None:
    """The message, when it is UTF-8."""
    if not message.isascii():
        try:
            message.decode()
        except UnicodeDecodeError:
            return None
    return message


async def _failing(error: Exception) -> None:
    raise error
