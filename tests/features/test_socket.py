"""The socket as an app uses it: signing in, watching with the past and live, saying, reading, typing, presence."""

import asyncio

from httpx import ASGITransport, AsyncClient
from sqlalchemy import text

from backend.core.ids import new_id
from backend.platform.threads import NewEntry, append, append_many, open_threads, set_direct, withdraw
from tests.fixtures.people import SignedIn
from tests.fixtures.sockets import Call, Node, Serve, Talk


async def test_two_people_talk(node: Node, call: Call, talk: Talk) -> None:
    owner, employee = await call(node, talk.owner), await call(node, talk.employee)
    assert (await owner.watch(talk.thread))["head"] == 0
    assert (await employee.watch(talk.thread))["head"] == 0

    said = await owner.say(talk.thread, "厨房漏水", cid="mine-1")
    assert (said["op"], said["seq"], said["cid"]) == ("said", 1, "mine-1")
    line = await employee.next("entry")
    assert line == {
        "op": "entry", "thread": str(talk.thread), "prev": 0, "seq": 1, "kind": "text", "author": str(talk.owner),
        "body": {"text": "厨房漏水"}, "at": said["at"], "audience": "all", "cid": "mine-1", "hides": None,
        "erased": False,
    }  # fmt: skip
    assert owner.entries() == [line]

    again = await owner.say(talk.thread, "另一句话", cid="mine-1")
    assert (again["seq"], again["at"]) == (1, said["at"])
    assert (await employee.say(talk.thread, "马上来"))["seq"] == 2
    assert [frame["seq"] for frame in [*owner.entries(), await owner.next("entry")]] == [1, 2]


async def test_ready_tells_how_one_stands(node: Node, call: Call, talk: Talk) -> None:
    async with node.process.works.begin() as work:
        await append(work, NewEntry(talk.thread, "text", {"text": "您好"}, talk.employee))
    owner = await call(node, talk.owner)
    [ready] = owner.heard
    assert ready["account"] == str(talk.owner)
    assert ready["threads"] == [{"id": str(talk.thread), "head": 1, "read": 0, "unread": 1}]
    assert ready["now"].endswith("Z")

    # Something else concerns them now: `ready` comes again.
    async with node.process.works.begin() as work:
        other = new_id()
        thread = (await open_threads(work, "probe", [other]))[other]
        await append(work, NewEntry(thread, "text", {"text": "还有一件事"}, talk.employee))
        work.announce(f"account:{talk.owner}")
    assert [one["id"] for one in (await owner.next("ready"))["threads"]] == [str(thread), str(talk.thread)]


async def test_the_past_then_live_without_a_seam(node: Node, call: Call, talk: Talk) -> None:
    async with node.process.works.begin() as work:
        await append_many(
            work, [NewEntry(talk.thread, "text", {"text": f"{n}"}, talk.employee) for n in range(450)]
        )
    speaker = await call(node, talk.employee)

    async def speak() -> None:
        for number in range(60):
            await speaker.say(talk.thread, f"live {number}")

    speaking = asyncio.create_task(speak())
    owner = await call(node, talk.owner, cursors={str(talk.thread): 3})
    await owner.next("watching")
    await speaking
    while not owner.entries() or owner.entries()[-1]["seq"] < 510:
        await owner.next("entry")
    seqs = [entry["seq"] for entry in owner.entries()]
    assert seqs == list(range(4, 511))
    assert [entry["prev"] for entry in owner.entries()] == [3, *seqs[:-1]]


async def test_who_watches_from_now_on_is_not_given_the_past(node: Node, call: Call, talk: Talk) -> None:
    owner, employee = await call(node, talk.owner), await call(node, talk.employee)
    await employee.say(talk.thread, "昨天")
    await employee.say(talk.thread, "内部", audience="staff")
    assert (await owner.watch(talk.thread))["head"] == 1
    assert (await employee.watch(talk.thread))["head"] == 2
    await employee.say(talk.thread, "今天")
    assert [(one["prev"], one["seq"]) for one in [*owner.entries(), await owner.next("entry")]] == [(1, 3)]
    # A cursor from elsewhere: the client sees that it knows more than there is.
    assert (await owner.watch(talk.thread, after=99))["head"] == 3


async def test_an_owner_is_never_given_a_staff_line(node: Node, call: Call, talk: Talk) -> None:
    owner, employee = await call(node, talk.owner), await call(node, talk.employee)
    await owner.watch(talk.thread, 0)
    await employee.watch(talk.thread, 0)
    for number, audience in enumerate(["all", "staff", "staff", "all"], 1):
        said = await employee.say(talk.thread, f"{number}", audience=audience)
        assert said["seq"] == number
    refused = await owner.say(talk.thread, "内部", audience="staff")
    assert (refused["code"], refused["field"]) == ("staff_lines_by_staff", "audience")
    while len(owner.entries()) < 2:
        await owner.next("entry")
    # No hole that a client could mistake for a loss.
    assert [(one["prev"], one["seq"]) for one in owner.entries()] == [(0, 1), (1, 4)]
    assert [one["seq"] for one in employee.entries()] == [1, 2, 3, 4]
    # The same when it comes from the past.
    later = await call(node, talk.owner, cursors={str(talk.thread): 0})
    await later.next("watching")
    assert [(one["prev"], one["seq"]) for one in later.entries()] == [(0, 1), (1, 4)]


async def test_what_other_ways_write_comes_too(node: Node, call: Call, talk: Talk) -> None:
    owner = await call(node, talk.owner)
    await owner.watch(talk.thread, 0)
    async with node.process.works.begin() as work:
        await append(work, NewEntry(talk.thread, "text", {"text": "写错了"}, talk.employee, cid="x"))
    assert (await owner.next("entry"))["seq"] == 1
    async with node.process.works.begin() as work:
        await withdraw(work, talk.thread, "staff", talk.employee, 1)
    taken_back = await owner.next("entry")
    assert (taken_back["kind"], taken_back["hides"], taken_back["prev"]) == ("withdrawn", 1, 1)


async def test_a_line_that_something_follows_from_goes_by_its_subject(
    node: Node, call: Call, talk: Talk
) -> None:
    async with node.process.works.begin() as work:
        await set_direct(work, talk.thread, False)
    owner = await call(node, talk.owner)
    await owner.watch(talk.thread, 0)
    for number in range(20):
        await owner.send("say", thread=talk.thread, cid=f"c{number}", kind="text", body={"text": f"{number}"})
    said = [await owner.next("said") for _ in range(20)]
    assert [(one["cid"], one["seq"]) for one in said] == [(f"c{n}", n + 1) for n in range(20)]
    assert node.probes.spoken == [str(n) for n in range(20)]
    assert (await owner.say(talk.thread, cid="c0"))["seq"] == 1


async def test_read_marks_travel(node: Node, call: Call, talk: Talk) -> None:
    owner, employee = await call(node, talk.owner), await call(node, talk.employee)
    await owner.watch(talk.thread)
    await employee.watch(talk.thread)
    await employee.say(talk.thread)
    await owner.send("read", thread=talk.thread, seq=99)
    assert await employee.next("read") == {
        "op": "read", "thread": str(talk.thread), "account": str(talk.owner), "seq": 1,
    }  # fmt: skip
    # Of the staff an owner learns that it was read, not by whom.
    await employee.send("read", thread=talk.thread, seq=1)
    while (mark := await owner.next("read"))["account"] == str(talk.owner):
        pass
    assert mark["account"] is None
    async with node.process.works.begin() as work:
        marks = (await work.execute(text("SELECT account_id, read_seq FROM thread_member"))).all()
    assert {tuple(mark) for mark in marks} == {(talk.owner, 1), (talk.employee, 1)}


async def test_read_marks_set_over_rest_travel_too(
    node: Node, serve: Serve, call: Call, talk: Talk, signed_in: SignedIn
) -> None:
    """To whoever watches, here and at another node, and to the reader's other devices."""
    other = await serve()
    other.probes.sees |= node.probes.sees
    employee, phone = await call(other, talk.employee), await call(node, talk.owner)
    for watching in (employee, phone):
        await watching.watch(talk.thread)
    assert [(await employee.say(talk.thread))["seq"] for _ in range(2)] == [1, 2]
    path = f"/v1/threads/{talk.thread}/read"
    headers = await signed_in(talk.owner)
    async with AsyncClient(transport=ASGITransport(node.app), base_url="http://tongxing.test") as rest:
        for seq in (1, 1, 2):
            assert (await rest.post(path, json={"seq": seq}, headers=headers)).json() == {"read": seq}
        mark = {"op": "read", "thread": str(talk.thread), "account": str(talk.owner)}
        # The one that moved nothing is told to nobody.
        for watching in (employee, phone):
            assert [await watching.next("read") for _ in range(2)] == [mark | {"seq": 1}, mark | {"seq": 2}]
        # An owner learns that the staff has read it, not who.
        headers = await signed_in(talk.employee)
        await rest.post(path, json={"seq": 2}, headers=headers)
        assert await phone.next("read") == mark | {"account": None, "seq": 2}


async def test_presence_and_typing(node: Node, call: Call, talk: Talk) -> None:
    employee, owner = await call(node, talk.employee), await call(node, talk.owner)
    await employee.watch(talk.thread)
    await owner.watch(talk.thread)
    here = {"op": "presence", "thread": str(talk.thread), "state": "here"}
    # Owners are told of the staff as one, and staff of everybody by name.
    assert await owner.next("presence") == here | {"account": None}
    assert await employee.next("presence") == here | {"account": str(talk.owner)}

    await employee.send("typing", thread=talk.thread, on=True)
    typing = {"op": "typing", "thread": str(talk.thread), "on": True}
    assert await owner.next("typing") == typing | {"account": None}
    await owner.send("typing", thread=talk.thread, on=True)
    assert await employee.next("typing") == typing | {"account": str(talk.owner)}

    await owner.send("away", on=True)
    assert (await employee.next("presence"))["state"] == "away"
    await owner.line.close()
    assert (await employee.next("presence"))["state"] == "gone"


async def test_a_topic_is_told_when_followed_and_when_it_changed(node: Node, call: Call, talk: Talk) -> None:
    project = new_id()
    topic = f"counts:{project}"
    owner, employee = await call(node, talk.owner), await call(node, talk.employee)
    assert await employee.ask("follow", "topic", topic=topic) == {
        "op": "topic", "topic": topic, "data": {"waiting": 0},
    }  # fmt: skip
    assert (await owner.ask("follow", "refused", topic=topic))["code"] == "not_found"
    assert (await owner.ask("follow", "refused", topic=f"nothing:{project}"))["code"] == "not_found"
    node.counts.waiting = 3
    async with node.process.works.begin() as work:
        work.announce(topic)
    assert (await employee.next("topic"))["data"] == {"waiting": 3}
    # Unchanged, it is not told again; and whom it no longer concerns is told so.
    async with node.process.works.begin() as work:
        work.announce(topic)
    node.counts.waiting = None
    async with node.process.works.begin() as work:
        work.announce(topic)
    assert await employee.next("gone", "topic") == {"op": "gone", "code": "rights_ended", "topic": topic}
    await employee.send("unfollow", topic=topic)
