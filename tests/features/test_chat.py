"""A conversation on the hotline: from its first line to its rating, over HTTP and over the socket."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from backend.core.caller import Caller
from backend.core.ids import new_id
from backend.duty import nobody_on_duty
from backend.features.chat.sight import ConversationSight
from backend.platform.process import Process
from backend.platform.realtime import presence
from backend.platform.realtime.typists import who_types
from backend.platform.threads import NewEntry
from tests.fixtures.hotline import Hotline, code, sound
from tests.fixtures.journeys import Fire
from tests.fixtures.process import Begin, Forward
from tests.fixtures.sockets import Call
from tests.fixtures.sockets import Node as Serving


async def test_a_conversation_from_its_first_line_to_its_rating(
    hotline: Hotline, work: Begin, fire: Fire, forward: Forward
) -> None:
    owner, agent = hotline.owner, hotline.agent
    one = await owner.open(id=(id_ := str(new_id())))
    assert one["id"] == id_
    assert (one["state"], one["place"], one["agent"], one["promised_at"]) == ("waiting", 1, None, None)
    assert (one["home"]["room"], one["staff"], one["first_answered_at"]) == ("0101", None, None)
    # The phone did not hear the answer and asks again: nothing is opened anew.
    again = await owner.ask("POST", "conversations", json={"text": "又一次", "id": id_})
    assert (again.status_code, again.json()["id"]) == (200, id_)
    assert await owner.kinds(one) == ["text", "opened", "queued"]

    # Whoever becomes available is given it.
    stands = await agent.available()
    assert (stands["load"], stands["limit"], stands["here"]) == (1, None, True)
    one = await owner.read(one)
    assert (one["state"], one["agent"]["name"], one["place"]) == ("assigned", "员工T1", None)
    assert (await agent.say(one, "您好，我来看看")).status_code == 201
    answered = (await owner.read(one))["first_answered_at"]
    assert answered == (await owner.lines(one))[-1]["at"]

    # Put off, and woken by the owner's line, once.
    until = (hotline.process.clock.now() + timedelta(hours=2)).isoformat()
    assert (await agent.act(one, "snooze", until=until)).json()["state"] == "snoozed"
    assert (await owner.read(one))["state"] == "assigned"
    said = await owner.say(one, "水更大了", cid="woken")
    assert (await owner.say(one, "水更大了", cid="woken")).text == said.text
    assert (await agent.read(one))["state"] == "assigned"
    # The timer of that snooze comes and finds nothing to do.
    await forward(timedelta(hours=3))
    await agent.available()
    await fire()
    assert (await agent.read(one))["state"] == "assigned"

    assert code(await owner.act(one, "rating", stars=5)) == (409, "conversation_open")
    closed = await agent.act(one, "close", reason="已修好")
    assert (closed.status_code, closed.json()["staff"]["close_reason"]) == (200, "已修好")
    assert code(await agent.act(one, "take")) == (409, "conversation_closed")
    # A line opens it again, and it is in the same hands.
    assert (await owner.say(one, "又漏了")).status_code == 201
    one = await owner.read(one)
    assert (one["state"], one["agent"]["account_id"], one["closed_at"]) == ("assigned", str(agent.id), None)
    await agent.act(one, "close", reason="修好了")
    assert code(await hotline.family.act(one, "rating", stars=1)) == (403, "not_your_conversation")
    assert (await owner.act(one, "rating", stars=2, text="太慢")).status_code == 201
    assert code(await owner.act(one, "rating", stars=5)) == (409, "rated_already")
    assert (await agent.read(one))["rating"] == {"stars": 2, "text": "太慢"}
    assert (await agent.act(one, "reopen")).json()["state"] == "assigned"
    shown, all_of_it = await owner.kinds(one), await agent.kinds(one)
    assert shown == [
        "text", "opened", "queued", "assigned", "text", "text", "assigned", "closed", "text", "reopened", "queued",
        "assigned", "closed", "rated", "reopened", "assigned",
    ]  # fmt: skip
    assert [kind for kind in all_of_it if kind in {"snoozed", "woken", "noted"}] == [
        "snoozed", "woken", "noted", "noted", "noted",
    ]  # fmt: skip
    async with work() as unit:
        direct = await unit.scalar(text("SELECT direct FROM thread WHERE id = :id"), {"id": one["thread_id"]})
    assert direct is True
    await sound(work)


async def test_a_line_on_a_thread_that_sleeps_is_written_once_however_often_it_comes(
    hotline: Hotline, work: Begin, process: Process
) -> None:
    await hotline.agent.available()
    one = await hotline.owner.open()
    await hotline.agent.act(one, "close", reason="好")
    sight, owner = (
        ConversationSight(process, nobody_on_duty(process)),
        Caller(hotline.owner.id, new_id(), "owner"),
    )
    line = NewEntry(UUID(one["thread_id"]), "text", {"text": "还在"}, hotline.owner.id, cid="again")

    async def speak() -> tuple[int, bool]:
        async with work() as unit:
            said = await sight.speak(unit, owner, UUID(one["id"]), line)
        return said.seq, said.first

    said = await asyncio.gather(*(speak() for _ in range(4)))
    assert len({seq for seq, _ in said}) == 1
    assert sum(first for _, first in said) == 1
    assert (await hotline.owner.kinds(one)).count("reopened") == 1


async def test_the_hotline_over_the_socket(hotline: Hotline, node: Serving, call: Call, work: Begin) -> None:
    """A place in line and a queue that tell themselves, lines that wake, and a right that ends with taking part."""
    one = await hotline.owner.open()
    thread, place, queue = UUID(one["thread_id"]), f"place:{one['id']}", f"queue:{hotline.project}"
    owner, agent = await call(node, hotline.owner.id), await call(node, hotline.agent.id)
    assert (await owner.ask("follow", "topic", topic=place))["data"]["place"] == 1
    assert [
        found["id"] for found in (await agent.ask("follow", "topic", topic=queue))["data"]["waiting"]
    ] == [one["id"]]
    assert (await owner.ask("follow", "refused", topic=queue))["code"] == "not_found"
    # A socket is a sign of life, and its agent is given what waits by the other node.
    await hotline.agent.available()
    assert (await owner.next("topic"))["data"] | {"promised_at": None} == {
        "id": one["id"], "state": "assigned", "place": None, "promised_at": None, "agent": "员工T1",
    }  # fmt: skip
    assert (await agent.next("topic"))["data"]["waiting"] == []
    await owner.watch(thread, 0)
    assert (await agent.say(thread, "您好"))["op"] == "said"
    assert (await hotline.owner.read(one))["first_answered_at"] is not None
    await hotline.agent.act(one, "close", reason="好")
    # The same words sent twice open it once.
    for _ in range(2):
        assert (await owner.say(thread, "还有一事", cid="more"))["op"] == "said"
    assert (await hotline.owner.read(one))["state"] == "assigned"
    assert (await hotline.owner.kinds(one)).count("reopened") == 1

    engineer = await call(node, hotline.engineer.id)
    assert (await engineer.watch(thread))["op"] == "refused"
    await hotline.agent.act(one, "participants", account_id=str(hotline.engineer.id))
    assert (await engineer.watch(thread, 0))["op"] == "watching"
    path = f"conversations/{one['id']}/participants/{hotline.engineer.id}"
    assert (await hotline.agent.ask("DELETE", path)).status_code == 200
    assert (await engineer.next("gone"))["thread"] == one["thread_id"]
    assert {frame["audience"] for frame in owner.entries()} == {"all"}
    await sound(work)


async def test_the_queue_shows_who_types_and_what_was_said_last(
    hotline: Hotline, node: Serving, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anybody takes it; whoever reads the queue over REST at another node sees the same."""
    one = await hotline.owner.open("厨房水槽下面在漏水")
    thread = UUID(one["thread_id"])
    owner, agent, colleague = [
        await call(node, who.id) for who in (hotline.owner, hotline.agent, hotline.colleague)
    ]
    told = await agent.ask("follow", "topic", topic=f"queue:{hotline.project}")

    async def shown(**expected: Any) -> None:
        nonlocal told
        while not expected.items() <= told["data"]["waiting"][0].items():
            told = await agent.next("topic")
        [listed] = (await hotline.agent.ask("GET", "queue")).json()["items"]
        assert expected.items() <= listed.items()

    await shown(typing=[], preview="厨房水槽下面在漏水")
    for phone in (owner, colleague):
        await phone.watch(thread)
    somebody = {"kind": "owner", "account_id": None, "name": None}
    by_name = {"kind": "staff", "account_id": str(hotline.colleague.id), "name": "员工T2"}
    await owner.send("typing", thread=thread, on=True)
    await shown(typing=[somebody])
    await colleague.send("typing", thread=thread, on=True)
    await shown(typing=[somebody, by_name])
    # Not said anew, it ends by itself.
    monkeypatch.setattr(presence, "TYPING_SECONDS", 0.1)
    await colleague.send("typing", thread=thread, on=True)
    await shown(typing=[somebody])
    await owner.send("typing", thread=thread, on=False)
    await owner.say(thread, "水很大")
    await shown(typing=[], preview="水很大")
    seq = (await hotline.owner.say(one, "不是厨房，是卫生间")).json()["seq"]
    await shown(preview="不是厨房，是卫生间")
    await hotline.owner.ask("POST", f"threads/{thread}/entries/{seq}/withdrawal")
    await shown(preview="水很大")
    # An internal line is none of the queue's.
    await colleague.say(thread, "先关总阀", audience="staff")
    await hotline.agent.act(one, "take")
    while told["data"]["waiting"]:
        assert told["data"]["waiting"][0]["preview"] == "水很大"
        told = await agent.next("topic")


async def test_nobody_is_known_to_type_while_valkey_is_away() -> None:
    async with Redis.from_url("redis://127.0.0.1:1") as away:
        assert await who_types(away, [new_id()]) == {}
