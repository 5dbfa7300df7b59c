"""Several nodes: what one commits the others hand out; and what the bus loses or doubles nobody notices."""

import asyncio
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import text

from backend.core.config import Settings
from backend.platform.bus import InProcessBus, ShardedBus, ValkeyBus, make_bus
from backend.platform.realtime.messages import Lines, packed
from backend.platform.threads import NewEntry, append
from tests.fixtures.logs import Lines as Logged
from tests.fixtures.sockets import Call, Node, Phone, Serve, Talk


async def two(
    serve: Serve, call: Call, talk: Talk, node: Node, **settings: object
) -> tuple[Phone, Phone, Node]:
    """An owner at the first node and an employee at a second one, both watching."""
    other = await serve(**settings)
    other.probes.sees |= node.probes.sees
    owner, employee = await call(node, talk.owner), await call(other, talk.employee)
    await owner.watch(talk.thread, 0)
    await employee.watch(talk.thread, 0)
    return owner, employee, other


async def kill_pubsub(node: Node) -> None:
    """Cut this test's lines that are subscribed, as Valkey does with readers that are too slow."""
    async with Redis.from_url(node.process.settings.valkey_url, decode_responses=True) as valkey:
        number = valkey.connection_pool.connection_kwargs["db"]
        for client in await valkey.client_list(_type="pubsub"):
            if int(client["db"]) == number:
                await valkey.client_kill_filter(_id=client["id"])


async def test_two_nodes_are_one(node: Node, serve: Serve, call: Call, talk: Talk) -> None:
    owner, employee, _ = await two(serve, call, talk, node)
    await owner.say(talk.thread, "一")
    assert (await employee.next("entry"))["body"] == {"text": "一"}
    await employee.say(talk.thread, "内部", audience="staff")
    await employee.say(talk.thread, "二")
    assert (await owner.next("entry"))["prev"] == 1
    assert [one["seq"] for one in owner.entries()] == [1, 3]
    await employee.send("typing", thread=talk.thread, on=True)
    assert (await owner.next("typing"))["account"] is None
    await owner.send("read", thread=talk.thread, seq=3)
    assert (await employee.next("read"))["account"] == str(talk.owner)
    await owner.send("away", on=True)
    while (seen := await employee.next("presence"))["state"] != "away":
        pass
    assert seen["account"] == str(talk.owner)
    # Who comes later is told who is there, on whichever node.
    third = await call(node, talk.employee)
    await third.watch(talk.thread, 3)
    assert (await third.next("presence"))["account"] == str(talk.owner)


async def test_what_the_bus_lost_while_it_was_cut_comes(
    node: Node, serve: Serve, call: Call, talk: Talk
) -> None:
    owner, employee, _ = await two(serve, call, talk, node, tick_seconds=3600)
    for number in range(5):
        await kill_pubsub(node)
        await owner.say(talk.thread, f"{number}")
    while len(employee.entries()) < 5:
        await employee.next("entry")
    assert [one["seq"] for one in employee.entries()] == [1, 2, 3, 4, 5]


async def test_the_last_line_before_a_silence_comes_by_the_tick(
    node: Node, serve: Serve, call: Call, talk: Talk
) -> None:
    _, employee, other = await two(serve, call, talk, node, tick_seconds=0.2)
    # Written by no process of ours, and said to nobody.
    async with node.process.works.begin() as work:
        await append(work, NewEntry(talk.thread, "text", {"text": "悄悄"}, talk.owner))
        work.info.pop("announced")
    assert (await employee.next("entry"))["seq"] == 1
    await employee.line.close()
    async with asyncio.timeout(5):
        while other.app.state.realtime.hub.threads:
            await asyncio.sleep(0.05)


async def test_doubled_late_and_foolish_messages_are_not_noticed(
    node: Node, serve: Serve, call: Call, talk: Talk
) -> None:
    owner, employee, _ = await two(serve, call, talk, node, tick_seconds=3600)
    await owner.say(talk.thread, "一")
    await owner.say(talk.thread, "二")
    assert [(await employee.next("entry"))["seq"] for _ in range(2)] == [1, 2]
    doubled = b'{"seq":2,"kind":"text","author":null,"body":{},"at":"","audience":"all","cid":null}'
    topic = f"thread:{talk.thread}"
    for payload in (packed(Lines([(2, False, doubled)])), packed(Lines([(1000, False, doubled)])), b"\xc1"):
        node.process.bus.publish(topic, payload)
    await owner.say(talk.thread, "三")
    assert (await employee.next("entry"))["body"] == {"text": "三"}
    assert [one["prev"] for one in employee.entries()] == [0, 1, 2]


async def test_going_down_it_says_goodbye(node: Node, call: Call, talk: Talk) -> None:
    owner = await call(node, talk.owner)
    await owner.watch(talk.thread, 0)
    await owner.say(talk.thread)
    [socket] = node.app.state.realtime.hub.sockets
    async with node.process.works.begin() as work:
        # Somebody holds the thread: the line is under way when the server goes down.
        await work.execute(text("SELECT FROM thread FOR UPDATE"))
        await owner.send("say", thread=talk.thread, cid="last", kind="text", body={"text": "再见"})
        async with asyncio.timeout(5):
            while not socket.flying:
                await asyncio.sleep(0.01)
        draining = asyncio.create_task(node.app.state.realtime.drain())
        bye = await owner.next("bye")
    assert (await owner.next("said"))["cid"] == "last"
    assert await owner.closed() == 1012
    await draining
    assert bye["code"] == "going_away"
    assert 0 < bye["retry_after"] <= 5


async def test_topics_over_several_valkeys(settings: Settings) -> None:
    heard: list[tuple[str, bytes | None]] = []
    urls = [settings.valkey_url, settings.valkey_url.replace("db=", "db=1")]
    one, other = make_bus(urls), make_bus(urls)
    assert isinstance(one, ShardedBus)
    one.on_heard(lambda topic, payload: heard.append((topic, payload)))
    topics = [f"thread:{UUID(int=number)}" for number in range(20)]
    for topic in topics:
        await one.subscribe(topic)
    wanted = {(topic, b"") for topic in topics[:10]} | {(topic, topic.encode()) for topic in topics[10:]}
    async with asyncio.timeout(5):
        while not wanted <= set(heard):
            other.poke(topics[:10])
            for topic in topics[10:]:
                other.publish(topic, topic.encode())
            await asyncio.sleep(0.05)
    await one.unsubscribe(topics[0])
    await one.aclose()
    await other.aclose()


async def test_without_valkey_a_process_hears_itself() -> None:
    for bus in (make_bus([]), ValkeyBus("redis://127.0.0.1:1/0")):
        assert isinstance(bus, InProcessBus)
        heard: list[tuple[str, bytes | None]] = []
        bus.on_heard(lambda topic, payload, heard=heard: heard.append((topic, payload)))  # type: ignore[misc]  # bound
        await bus.subscribe("thread:1")
        bus.poke(["thread:1", "thread:2"])
        bus.publish("thread:1", b"to others")
        await asyncio.sleep(0.01)
        assert heard == [("thread:1", b"")]
        await bus.aclose()


async def test_marks_wait_for_the_database(node: Node, call: Call, talk: Talk, logged: Logged) -> None:
    owner = await call(node, talk.owner)
    await owner.watch(talk.thread, 0)
    await owner.say(talk.thread)
    async with node.process.works.begin() as work:
        await work.execute(text("ALTER TABLE thread_member RENAME TO away"))
    await owner.send("read", thread=talk.thread, seq=1)
    async with asyncio.timeout(5):
        while not any(line["message"] == "marks_unwritten" for line in logged()):
            await asyncio.sleep(0.01)
    async with node.process.works.begin() as work:
        await work.execute(text("ALTER TABLE away RENAME TO thread_member"))
    assert (await owner.next("read"))["seq"] == 1
