"""What a client gets wrong is refused by name, and the socket stays open; who floods or does not read is closed."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from backend.core.ids import new_id
from backend.platform.realtime.frames import REFUSALS
from backend.platform.threads import NewEntry, append_many
from tests.fixtures.sockets import Call, Node, Phone, Serve, Talk

THREAD = str(new_id())
SAY = {"op": "say", "thread": THREAD, "cid": "c1", "kind": "text", "body": {"text": "好"}}

WRONG: list[tuple[str | bytes, dict[str, Any]]] = [
    (b"{}", {"of": None, "code": "not_text"}),
    ("", {"of": None, "code": "not_json"}),
    ("{", {"of": None, "code": "not_json"}),
    ('{"op":"away","on":true}}', {"of": None, "code": "not_json"}),
    ("[" * 30_000, {"of": None, "code": "not_an_object"}),
    ('{"op":"say","body":' + "[" * 10_000, {"of": None, "code": "not_json"}),
    ("[]", {"of": None, "code": "not_an_object"}),
    ("null", {"of": None, "code": "not_an_object"}),
    (json.dumps(SAY | {"body": {"text": "长" * 30_000}}), {"of": None, "code": "too_large"}),
    ("{}", {"of": None, "code": "unknown_op"}),
    ('{"op":"shout"}', {"of": None, "code": "unknown_op"}),
    ('{"op":7}', {"of": None, "code": "unknown_op"}),
    ('{"op":"watch"}', {"of": "watch", "code": "wrong_shape", "field": "thread"}),
    ('{"op":"watch","thread":"x"}', {"of": "watch", "code": "wrong_shape", "field": "thread", "thread": "x"}),
    ('{"op":"away","on":1}', {"of": "away", "code": "wrong_shape", "field": "on"}),
    ('{"op":"away","on":true,"off":false}', {"of": "away", "code": "wrong_shape", "field": "off"}),
    (json.dumps(SAY | {"cid": "a b"}), {"of": "say", "code": "wrong_shape", "field": "cid", "cid": "a b"}),
    (
        json.dumps(SAY | {"kind": "opened"}),
        {"of": "say", "code": "wrong_shape", "field": "kind", "cid": "c1"},
    ),
    ('{"op":"follow","topic":"queue:1"}', {"of": "follow", "code": "wrong_shape", "field": "topic"}),
    (json.dumps({"op": "read", "thread": THREAD, "seq": 2**31}), {"of": "read", "field": "seq"}),
    (json.dumps({"op": "hello", "token": "x", "app": "y"}), {"of": "hello", "code": "hello_again"}),
    (json.dumps(SAY), {"of": "say", "code": "not_found", "cid": "c1", "thread": THREAD}),
    (json.dumps({"op": "watch", "thread": THREAD}), {"of": "watch", "code": "not_found", "thread": THREAD}),
    (json.dumps({"op": "read", "thread": THREAD, "seq": 1}), {"of": "read", "code": "not_found"}),
    (json.dumps({"op": "typing", "thread": THREAD, "on": True}), {"of": "typing", "code": "not_found"}),
]


async def test_wrong_frames_are_refused_by_name(
    node: Node, call: Call, talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    owner = await call(node, talk.owner, locale="en")
    for sent, refused in WRONG:
        await owner.line.send(sent)
        # How the inbox stands may be told between.
        while (frame := await owner.next())["op"] == "notice":
            pass
        assert frame["op"] == "refused", sent[:80]
        assert refused.items() <= frame.items(), sent[:80]
        assert frame["detail"].isascii()
        assert frame["detail"].endswith("."), frame
    assert "Traceback" not in caplog.text
    assert (await owner.watch(talk.thread))["op"] == "watching"


BODIES: list[tuple[str, Any, str, str]] = [
    ("text", {"text": ""}, "body.text", "至少需要 1 个字符。"),
    ("text", {"text": "a\0b"}, "body.text", "含有不可见的控制字符，请删除后重填。"),
    ("text", {}, "body.text", "请填写此项。"),
    ("text", {"text": "好", "more": 1}, "body.more", "没有这一项，请去掉。"),
    ("text", [], "body", "这里应写各个字段。"),
    ("place", {"latitude": 91, "longitude": 0}, "body.latitude", "不能大于 90.0。"),
]


async def test_a_body_is_checked_as_over_rest(node: Node, call: Call, talk: Talk) -> None:
    owner = await call(node, talk.owner)
    for kind, body, field, why in BODIES:
        refused = await owner.say(talk.thread, kind=kind, body=body)
        assert (refused["code"], refused["field"]) == ("fields_invalid", field)
        assert refused["detail"] == f"{field}：{why}"
    # A file that is nobody's, or somebody else's, is not to be had by naming it.
    photo = await owner.say(talk.thread, kind="photo", body={"file": str(new_id())})
    assert (photo["op"], photo["code"] in REFUSALS) == ("refused", True)
    node.probes.silent.add(talk.employee)
    employee = await call(node, talk.employee)
    assert (await employee.say(talk.thread))["code"] == "may_not_write"
    async with node.process.works.begin() as work:
        assert await work.scalar(text("SELECT count(*) FROM entry")) == 0


async def test_hello_comes_first_and_soon(serve: Serve, call: Call) -> None:
    node = await serve(socket_hello_seconds=0.2)
    async with connect(node.url) as line:
        assert await Phone(line).closed() == 4000
    for first, code, close in [
        ('{"op":"away","on":true}', "hello_first", 4000),
        ("what", "not_json", 4000),
        ('{"op":"hello","token":"nobody","app":"x"}', "not_signed_in", 4001),
    ]:
        async with connect(node.url) as line:
            await line.send(first)
            phone = Phone(line)
            assert (await phone.next("refused"))["code"] == code
            assert await phone.closed() == close


async def test_who_may_knock(serve: Serve) -> None:
    node = await serve(cors_origins=("https://app.example",), requests_per_minute_address=3)
    async with connect(node.url, origin=Origin("https://app.example")):
        pass
    elsewhere = node.url.replace("/v1/socket", "/v1/sockets")
    for status, url, origin in [
        (403, node.url, "https://elsewhere.example"),
        (404, elsewhere, None),
        (403, node.url, "null"),
        (429, node.url, None),
    ]:
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, origin=Origin(origin) if origin else None)
        response = refused.value.response
        assert response.status_code == status
        assert ("retry-after" in response.headers) == (status == 429)


async def test_a_flood_is_refused_and_then_closed(serve: Serve, call: Call, talk: Talk) -> None:
    node = await serve(socket_frames_per_second=0.001, socket_frames_at_once=5)
    node.probes.sees[talk.owner] = "all"
    owner = await call(node, talk.owner)
    for _ in range(12):
        await owner.send("away", on=False)
    assert await owner.closed() == 4009
    assert [frame["code"] for frame in owner.heard if frame["op"] == "refused"] == ["flood"] * 5


async def test_only_so_many_threads_are_watched(serve: Serve, call: Call, talk: Talk) -> None:
    node = await serve(socket_watches=2)
    node.probes.sees[talk.owner] = "all"
    owner = await call(node, talk.owner, cursors={str(new_id()): 0, str(new_id()): 0, str(talk.thread): 0})
    assert (await owner.next("refused"))["code"] == "too_many_watches"
    assert {(await owner.next("refused"))["code"] for _ in range(2)} == {"not_found"}
    assert (await owner.watch(talk.thread))["op"] == "watching"


async def test_who_reads_too_slowly_is_closed_and_comes_back(serve: Serve, call: Call, talk: Talk) -> None:
    node = await serve(socket_queue_frames=40)
    node.probes.sees |= {talk.owner: "all", talk.employee: "staff"}
    quick, slow = await call(node, talk.employee), await call(node, talk.owner)
    await quick.watch(talk.thread, 0)
    await slow.watch(talk.thread, 0)
    slow.line.transport.pause_reading()
    spoken, big = 0, {"text": "长" * 4000}
    async with asyncio.timeout(60):
        while node.slow() == 0:
            async with node.process.works.begin() as work:
                await append_many(work, [NewEntry(talk.thread, "text", big, talk.employee)] * 20)
            spoken += 20
            while len(quick.entries()) < spoken:
                await quick.next("entry")
    assert [one["seq"] for one in quick.entries()] == list(range(1, spoken + 1))
    slow.line.transport.resume_reading()
    assert await slow.closed() == 4008
    seen = slow.entries()[-1]["seq"] if slow.entries() else 0
    again = await call(node, talk.owner, cursors={str(talk.thread): seen})
    await again.next("watching")
    assert [one["seq"] for one in slow.entries() + again.entries()] == list(range(1, spoken + 1))
