"""What we put on the wire ourselves is what the library that reads the rest would have put there."""

import asyncio
from collections.abc import Awaitable
from itertools import pairwise
from typing import Any, cast

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.speedups import apply_mask

from backend.platform.realtime.frames import text_frame
from backend.platform.realtime.outgoing import WIRE
from backend.wire import SocketProtocol


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, (1 << 16) - 1, 1 << 16, 1 << 20])
def test_a_text_frame_is_that_of_websockets(size: int) -> None:
    text = b"a" * size
    assert text_frame(text) == Frame(Opcode.TEXT, text).serialize(mask=False, extensions=[])


def test_a_frame_counts_bytes_not_characters() -> None:
    assert text_frame("您".encode() * 42)[:4] == b"\x81\x7e\x00\x7e"


class Line:
    """A transport that notes what is written to it."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, _name: str) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


REQUEST = (
    b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MOST = 70_000


async def heard(kind: type[WebSocketsSansIOProtocol], pieces: list[bytes]) -> tuple[list[Any], bytes, bool]:
    """The messages that come of these bytes, what is answered, and whether the connection is closed."""
    messages: list[Any] = []

    async def later(message: bytes | None) -> None:
        await asyncio.sleep(0)
        messages.append(message)

    def take(message: bytes | None) -> Awaitable[None] | None:
        if message and message[0] % 2:
            return later(message)
        messages.append(message)
        return None

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        wire = scope["extensions"].get(WIRE, {}).get("wire")
        if wire is not None:
            wire.hear(take)
        while (message := await receive())["type"] == "websocket.receive":
            if wire is None:
                text = message.get("text")
                messages.append(None if text is None else text.encode())
                continue
            taking = message["taking"]
            while taking is not None:
                await taking
                taking = wire.go_on()

    config = uvicorn.Config(app, ws_max_size=MOST, ws_per_message_deflate=False, log_config=None)
    config.load()
    state, line = ServerState(), Line()
    # As the server has it: it adds its own to this, which differs from second to second.
    protocol = kind(config=config, server_state=state, app_state={})
    protocol.connection_made(cast("asyncio.Transport", line))
    protocol.data_received(REQUEST)
    while b"\r\n\r\n" not in line.written:
        await asyncio.sleep(0)
    for piece in pieces:
        protocol.data_received(piece)
        if len(piece) % 3 == 0:
            await asyncio.sleep(0)
    await asyncio.sleep(0)
    closed = line.closed
    protocol.connection_lost(None)
    await asyncio.gather(*state.tasks)
    return messages, line.written.split(b"\r\n\r\n", 1)[1], closed


def framed(opcode: int, payload: bytes, head: int, masked: bool, wide: bool) -> bytes:
    size, mask = len(payload), 0x80 if masked else 0
    if size < 126 and not wide:
        length = bytes([mask | size])
    elif size < 1 << 16:
        length = bytes([mask | 126]) + size.to_bytes(2)
    else:
        length = bytes([mask | 127]) + size.to_bytes(8)
    return bytes([head | opcode]) + length + (KEY + apply_mask(payload, KEY) if masked else payload)


KEY = b"\x01\xfe\x80\x37"
PAYLOADS = (
    st.text(max_size=40).map(str.encode)
    | st.binary(max_size=140)
    | st.sampled_from([b"", b"a" * 125, b"a" * 126, b"b" * 65_536, b"a" * (MOST + 1)])
)
USUAL = st.builds(
    framed, st.just(1), st.text(max_size=60).map(str.encode), st.just(0x80), st.just(True), st.booleans()
)
ANY = st.builds(
    framed,
    st.sampled_from([0, 0, 1, 1, 2, 3, 8, 9, 10]),
    PAYLOADS,
    st.sampled_from([0x80, 0x80, 0x80, 0, 0, 0xC0, 0x90]),
    st.sampled_from([True, True, True, True, False]),
    st.booleans(),
)


CLOSES = b"\x88"


@given(st.lists(USUAL | USUAL | ANY, max_size=12), st.binary(max_size=12), st.data())
@settings(max_examples=40)
def test_whatever_comes_is_read_as_websockets_reads_it(
    frames: list[bytes], rest: bytes, data: st.DataObject
) -> None:
    stream = b"".join(frames) + rest
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    # Of what comes at once with something wrong behind it, uvicorn forgets the messages: so it is given one by one.
    theirs = asyncio.run(heard(WebSocketsSansIOProtocol, [*frames, *(bytes([one]) for one in rest)]))
    ours = asyncio.run(heard(SocketProtocol, pieces))
    closed = ours[2]
    assert closed == theirs[2]
    # Of two faults that come at once, the library names the later one; which come at once depends on the cuts.
    assert ours[1] == theirs[1] or ours[1][:1] == theirs[1][:1] == CLOSES
    assert ours[0] == (theirs[0][: len(ours[0])] if closed else theirs[0])
