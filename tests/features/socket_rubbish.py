"""Frames for the socket that are wrong in every way, and floods of right and wrong ones.

They name `THREAD`, on which `two_sockets` are.
"""

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.platform.realtime import frames
from tests.fixtures import socket_world

THREAD: Final = str(socket_world.THREAD)

# One of each that is right.
RIGHT: dict[str, dict[str, Any]] = {
    "hello": {"token": "x", "app": "test", "cursors": {THREAD: 1}, "locale": "en"},
    "watch": {"thread": THREAD, "after": 1},
    "unwatch": {"thread": THREAD},
    "say": {"thread": THREAD, "cid": "c1", "kind": "text", "body": {"text": "好"}, "audience": "all"},
    "read": {"thread": THREAD, "seq": 1},
    "typing": {"thread": THREAD, "on": True},
    "away": {"on": True},
    "follow": {"topic": f"queue:{THREAD}"},
    "unfollow": {"topic": f"queue:{THREAD}"},
}

WRONG: list[Any] = [
    None, True, 0, -1, 1.5, 2**31, 2**63, 2**64, 10**400, 1e300, "", "x", "好" * 5000, "a\x00b", "\x1b[31m",
    "\u202e", THREAD.upper(), THREAD[:-1], THREAD + "\n", "c\n", [], [[]], {}, {"a": 1}, {"": {}}, [THREAD],
    {THREAD: -1}, {THREAD: 2**31}, {THREAD: None}, {THREAD: 1.0}, {"x": 1}, {"text": 1}, {"text": None},
    {"text": ""}, {"text": " "}, {"text": "a\x00"}, {"text": "x" * 4001}, {"text": "好", "more": 1}, {"file": "x"},
]  # fmt: skip


def _say(kind: str, body: str, cid: str = "c") -> str:
    return f'{{"op":"say","thread":"{THREAD}","cid":"{cid}","kind":"{kind}","body":{body}}}'


def _read(seq: str) -> str:
    return f'{{"op":"read","thread":"{THREAD}","seq":{seq}}}'


# Not to be had from a dictionary.
RAW = [
    "", " ", "\n", "\x00", "null", "true", "1", "-0", "1e999", '"say"', "[]", "{", "}", "{}", "[{}]", "{}{}",
    "\ufeff{}", '{"op"}', '{"op":}', '{"op":null}', '{"op":1}', '{"op":[]}', '{"op":""}', '{"op":"SAY"}',
    '{"op":"said"}', '{"op":"constructor"}', '{"OP":"away","on":true}', "{'op':'away','on':true}",
    '{"op":"away","on":true,}', '{"op":"away","on":True}', '{"op":"away","on":NaN}', '{"op":"\\ud800"}',
    '{"\\ud800":1}', '{"op":"away","op":"typing","on":true}', '{"op":"away","on":1,"on":true}',
    _read("Infinity"), _read("9" * 5000), _read("1e0"), _read("1e400"), _read("01"), _read("0x1"),
    _say("text", '{"text":"\\ud800"}'), _say("text", '{"text":"\\u0000"}'), _say("text", '{"text":NaN}'),
    _say("text", '{"text":"a","text":{}}'), _say("text", "[" * 50_000), _say("text", "{}", cid="\\udfff"),
    _say("text", '{"text":' * 5000 + "1" + "}" * 5000), _say("place", '{"latitude":NaN,"longitude":1e999}'),
    _say("place", f'{{"latitude":{"9" * 400},"longitude":0}}'), _say("place", '{"latitude":1e999,"longitude":0}'),
    _say("voice", f'{{"file":"{THREAD}","seconds":1e-400}}'), "[" * 60_000, '{"a":' * 10_000,
    '{"op":"away","on":true}' + " " * 70_000, "好" * 30_000, "x" * 1_000_000,
]  # fmt: skip


def wrong_frames() -> Iterator[str]:
    """Every field of every frame with everything that may be wrong with it; fields too few and too many."""
    for op, right in RIGHT.items():
        for name, wrong in itertools.product([*right, "op", "more"], WRONG):
            yield json.dumps({"op": op, **right, name: wrong})
        for name in right:
            yield json.dumps({"op": op, **{one: value for one, value in right.items() if one != name}})


def spoiled_frames(chance: random.Random, count: int) -> Iterator[str]:
    """Right ones with some bytes changed, left out or doubled."""
    for _ in range(count):
        op = chance.choice(list(RIGHT))
        data = bytearray(json.dumps({"op": op, **RIGHT[op]}, ensure_ascii=chance.random() < 0.5).encode())
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(data))
            data[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        yield data.decode(errors="replace")


def is_right(text: str) -> bool:
    """Whether a frame has the shape of one."""
    try:
        frames.ASKED.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return len(text.encode()) <= frames.FRAME_BYTES


_LINE = {"thread": THREAD, "kind": "text", "body": {"text": "好"}}
FLOODS: dict[str, list[str | bytes]] = {
    "not JSON": ["x" * 1000],
    "bytes": [b"\x00" * 1000],
    "large": ["x" * 65_000],
    "too large": ["x" * 70_000],
    "wrong": [json.dumps({"op": "say", "thread": THREAD})],
    "watched again and again": [json.dumps({"op": "watch", "thread": THREAD, "after": 0})],
    "watched and not": [
        json.dumps({"op": "watch", "thread": THREAD}),
        json.dumps({"op": "unwatch", "thread": THREAD}),
    ],
    "others' threads": [
        json.dumps({"op": "watch", "thread": str(UUID(int=number))}) for number in range(500)
    ],
    "typing": [json.dumps({"op": "typing", "thread": THREAD, "on": on}) for on in (True, False)],
    "read": [json.dumps({"op": "read", "thread": THREAD, "seq": seq}) for seq in range(500)],
    "said": [json.dumps({"op": "say", "cid": f"f{number}", **_LINE}) for number in range(500)],
    "said once": [json.dumps({"op": "say", "cid": "f", **_LINE})],
    "topics": [json.dumps({"op": "follow", "topic": f"queue:{UUID(int=number)}"}) for number in range(500)],
}
