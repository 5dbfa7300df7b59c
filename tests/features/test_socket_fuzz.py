"""Whatever is sent to the socket is refused by name, or taken, or the socket is closed by a documented code.

Never a trace in the log, never more memory than before, and whoever else is connected notices nothing.
"""

import json
import random
from collections.abc import Sequence
from typing import get_args

import msgspec
import pytest

from backend.core.config import Settings
from backend.platform.realtime import frames
from tests.features.socket_rubbish import RAW, RIGHT, is_right, spoiled_frames, wrong_frames
from tests.fixtures.logs import Lines, assert_nothing_broke
from tests.fixtures.raw_socket import RawSocket
from tests.fixtures.socket_world import World


def test_there_is_a_right_frame_of_each_kind() -> None:
    assert {kind.__struct_config__.tag for kind in get_args(frames.Asked)} == set(RIGHT)
    for op, right in RIGHT.items():
        assert set(right) == {
            one.name
            for kind in get_args(frames.Asked)
            if kind.__struct_config__.tag == op
            for one in msgspec.structs.fields(kind)
        }
        assert is_right(json.dumps({"op": op, **right}))


SHAPES = ("not_text", "too_large", "not_json", "not_an_object", "unknown_op", "wrong_shape")


async def send_and_count(socket: RawSocket, sent: Sequence[str | bytes]) -> None:
    """Every frame that has not the shape of one is refused, once, and the socket stays open."""
    since = len(socket.heard)
    for one in sent:
        await socket.send_raw(one)
    await socket.answered()
    *refused, _mine = [
        one for one in socket.heard[since:] if one["op"] == "refused" and one["code"] in SHAPES
    ]
    wrong = [one for one in sent if isinstance(one, bytes) or not is_right(one)]
    assert len(refused) == len(wrong), (wrong, refused)
    for frame in socket.heard:
        if frame["op"] == "refused":
            assert 0 < len(frame["detail"]) < 500, frame
    socket.heard.clear()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Without limits of speed: those are tested by floods."""
    return settings.model_copy(update={"socket_frames_per_second": 1e9, "socket_frames_at_once": 1_000_000})


async def test_what_is_wrong_is_refused_by_name(two_sockets: list[RawSocket], logged: Lines) -> None:
    """Bytes, JSON, shapes, types, sizes."""
    owner, agent = two_sockets
    for raw in RAW:
        await send_and_count(owner, [raw, raw.encode(errors="replace")])
    sent = [*wrong_frames(), *spoiled_frames(random.Random(20261122), 600)]
    for first in range(0, len(sent), 50):
        await send_and_count(agent, sent[first : first + 50])
    assert_nothing_broke(logged)


async def test_who_does_not_say_hello_is_turned_away(socket_world: World, logged: Lines) -> None:
    first = [raw for raw in RAW[::3] if len(raw) < 200] + [
        json.dumps({"op": op, **RIGHT[op]}) for op in RIGHT if op != "hello"
    ]
    everything: list[str | bytes] = [*first, b"\x00", json.dumps({"op": "hello", "token": 1, "app": "test"})]
    for raw in everything:
        socket = await RawSocket.open(socket_world.url)
        await socket.send_raw(raw)
        assert await socket.ended() == 4000, raw
    for token in ("x", "", "Bearer x", "好", "a\x00b", "x" * 1000):
        socket = await RawSocket.open(socket_world.url)
        await socket.send(op="hello", token=token, app="test")
        assert await socket.ended() == 4001, token
    assert_nothing_broke(logged)
