"""Conversations on the hotline: opened, queued, given out, handed on, closed, rated; and who sees what of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import select, text

from backend.core.caller import Caller
from backend.core.ids import new_id
from backend.db.work import Work
from backend.duty import nobody_on_duty
from backend.features.chat.checks import CHECKS
from backend.features.chat.service import Attended
from backend.features.chat.sight import ConversationSight
from backend.features.chat.topics import PlaceTopic, QueueTopic
from backend.features.standard.models import KnownStandard, StandardChoice, StandardVersion
from backend.features.standard.rules import digest, plain
from backend.features.standard.service import Standard
from backend.platform.process import Process
from backend.platform.threads import NewEntry
from backend.platform.tree import Node
from tests.fixtures.estate import Estate, account_of, home_row, ownership_of, project_of
from tests.fixtures.journeys import Fire
from tests.fixtures.people import SignedIn, owner_account, staff_account
from tests.fixtures.process import Begin, Forward
from tests.fixtures.standards import small_document

LIMIT = {"zh-CN": "时限", "zh-TW": "時限", "en": "Limit"}
OWNER, NEIGHBOUR = "+8613542604684", "+8615855608283"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a session."""

    client: AsyncClient
    id: UUID
    headers: dict[str, str]

    async def ask(self, method: str, path: str, **sent: Any) -> Response:
        headers = self.headers | sent.pop("headers", {})
        return await self.client.request(method, f"/v1/{path}", headers=headers, **sent)

    async def open(self, words: str = "厨房水槽下面在漏水", **more: Any) -> dict[str, Any]:
        answer = await self.ask("POST", "conversations", json={"text": words} | more)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def read(self, one: dict[str, Any]) -> dict[str, Any]:
        answer = await self.ask("GET", f"conversations/{one['id']}")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def act(self, one: dict[str, Any], verb: str, **sent: Any) -> Response:
        return await self.ask("POST", f"conversations/{one['id']}/{verb}", json=sent or None)

    async def say(self, one: dict[str, Any], words: str, **more: Any) -> Response:
        said = {"kind": "text", "body": {"text": words}, "cid": str(new_id())} | more
        return await self.ask("POST", f"threads/{one['thread_id']}/entries", json=said)

    async def lines(self, one: dict[str, Any]) -> list[dict[str, Any]]:
        page = await self.ask("GET", f"threads/{one['thread_id']}/entries", params={"after": 0})
        items: list[dict[str, Any]] = page.json()["items"]
        return items

    async def kinds(self, one: dict[str, Any]) -> list[str]:
        return [line["kind"] for line in await self.lines(one)]

    async def available(self, **more: Any) -> dict[str, Any]:
        answer = await self.ask("PUT", "agents/me", json={"state": "available"} | more)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@dataclass(frozen=True, slots=True)
class Hotline:
    """An estate with its owners, two agents of its project, a specialist at the company, and an agent elsewhere."""

    process: Process
    project: UUID
    owner: Person
    family: Person
    tenant: Person
    neighbour: Person
    agent: Person
    colleague: Person
    specialist: Person
    engineer: Person
    stranger: Person


@pytest.fixture
async def hotline(
    app: FastAPI, client: AsyncClient, process: Process, work: Begin, estate: Estate, signed_in: SignedIn
) -> Hotline:
    assert (await estate()).written
    assert (await estate([home_row("0101", "何静", "13500001111")], project="平江里", region="苏州")).written
    project, home = await project_of(process), await ownership_of(process, "合同-0101")
    ids = {"owner": await account_of(process, OWNER), "neighbour": await account_of(process, NEIGHBOUR)}
    async with work() as unit:
        node = await unit.get_one(Node, project)
        elsewhere = (await unit.scalars(select(Node).where(Node.name == "平江里"))).one()
        for name, number, role, at in (
            ("agent", "T1", "hotline_agent", node),
            ("colleague", "T2", "hotline_agent", node),
            ("specialist", "T3", "complaint_specialist", None),
            ("engineer", "T4", "repair_engineer", node),
            ("stranger", "T5", "hotline_agent", elsewhere),
        ):
            ids[name] = (await staff_account(unit, number, role, at)).id
        for name, phone in (("family", "+8613911110001"), ("tenant", "+8613911110002")):
            ids[name] = (await owner_account(unit, phone, "孙思远")).id
            await unit.execute(
                text(
                    "INSERT INTO household_member (id, ownership_id, account_id, role, since)"
                    " VALUES (:id, :home, :account, :role, app_now())"
                ),
                {"id": new_id(), "home": home, "account": ids[name], "role": name},
            )
    people = {name: Person(client, id_, await signed_in(id_)) for name, id_ in ids.items()}
    return Hotline(process, project, **people)


def code(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def gone(work: Begin, *agents: Person) -> None:
    """Their sockets have not been there for two minutes."""
    async with work() as unit:
        await unit.execute(
            text(
                "UPDATE agent SET seen_at = clock_timestamp() - interval '2 minutes', given_at = app_now() - interval"
                " '2 minutes' WHERE account_id = ANY (:ids)"
            ),
            {"ids": [one.id for one in agents]},
        )


async def sound(work: Begin) -> None:
    """The audit finds nothing."""
    async with work() as unit:
        for check in CHECKS:
            assert await check.look(unit) == [], check


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


async def test_no_staff_line_reaches_an_owner_by_any_road(hotline: Hotline) -> None:
    owner, agent = hotline.owner, hotline.agent
    one = await owner.open()
    await agent.available()
    await agent.say(one, "内部：这位投诉过三次", audience="staff")
    await agent.act(one, "transfer", to_account=str(hotline.colleague.id), note="内部：请温和")
    await agent.act(one, "participants", account_id=str(hotline.engineer.id))
    await hotline.colleague.act(one, "close", reason="内部：说不通")
    seqs = {line["seq"] for line in await hotline.colleague.lines(one) if line["audience"] == "staff"}
    assert len(seqs) >= 3
    answers = [
        await owner.ask("GET", path)
        for path in (
            f"conversations/{one['id']}",
            "conversations",
            f"conversations/{one['id']}/export",
            f"conversations/{one['id']}/export?form=json",
            f"threads/{one['thread_id']}",
            f"threads/{one['thread_id']}/entries?after=0",
        )
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert "内部" not in answer.text
        assert '"staff"' not in answer.text.replace('"staff":null', "")
    assert (await owner.ask("GET", f"conversations/{one['id']}/context")).status_code == 403
    exported = [
        line for line in answers[3].text.splitlines() if any(f'"seq": {seq},' in line for seq in seqs)
    ]
    assert exported == []
    full = (await hotline.colleague.ask("GET", f"conversations/{one['id']}/export")).text
    assert "内部：请温和" in full
    assert "李欣" not in full
    assert "李*" in full


async def test_who_sees_a_conversation(hotline: Hotline, work: Begin, signed_in: SignedIn) -> None:
    one, tenants = await hotline.owner.open(), await hotline.tenant.open("空调坏了")

    async def seen(who: Person, it: dict[str, Any]) -> int:
        answers = {
            (await who.ask("GET", path)).status_code
            for path in (f"conversations/{it['id']}", f"threads/{it['thread_id']}")
        }
        [status] = answers
        listed = (await who.ask("GET", "conversations")).json()["items"]
        assert (it["id"] in {found["id"] for found in listed}) == (status == 200)
        return status

    sees = {
        "owner": 200,
        "family": 200,
        "tenant": 404,
        "neighbour": 404,
        "agent": 200,
        "stranger": 404,
        "engineer": 404,
    }
    assert {name: await seen(getattr(hotline, name), one) for name in sees} == sees
    # What a tenant says is theirs alone.
    sees |= {"owner": 404, "family": 404, "tenant": 200}
    assert {name: await seen(getattr(hotline, name), tenants) for name in sees} == sees
    verbs: dict[str, dict[str, str]] = {
        "take": {},
        "reopen": {},
        "close": {"reason": "x"},
        "transfer": {"to_role": "hotline_agent"},
        "snooze": {"until": "2090-01-01T00:00:00Z"},
        "participants": {"account_id": str(hotline.agent.id)},
    }
    for verb, sent in verbs.items():
        assert (await hotline.stranger.act(one, verb, **sent)).status_code == 404, verb
    # An engineer who is asked in sees it as long as they take part.
    asked = await hotline.agent.act(one, "participants", account_id=str(hotline.engineer.id))
    assert asked.status_code == 200
    assert await seen(hotline.engineer, one) == 200
    left = await hotline.agent.ask("DELETE", f"conversations/{one['id']}/participants/{hotline.engineer.id}")
    assert left.status_code == 200
    assert await seen(hotline.engineer, one) == 404
    assert (await hotline.owner.kinds(one))[-2:] == ["joined", "left"]

    # Sold: the talk stays with neither the old owner's access nor the new one's.
    async with work() as unit:
        admin = (await staff_account(unit, "T9", "administrator")).id
    sold = await Person(hotline.owner.client, admin, await signed_in(admin)).ask(
        "POST",
        f"ownerships/{one['home']['ownership_id']}/resale",
        json={"buyer": [{"name": "钱多", "phone": "13712345678"}], "contract_no": "转让"},
    )
    assert sold.status_code == 201
    buyer_id = await account_of(hotline.process, "+8613712345678")
    buyer = Person(hotline.owner.client, buyer_id, await signed_in(buyer_id))
    assert {await seen(who, one) for who in (hotline.owner, hotline.family, buyer)} == {404}
    assert await seen(hotline.agent, one) == 200
    sight = ConversationSight(hotline.process, nobody_on_duty())
    mine = sight.mine(Caller(hotline.owner.id, new_id(), "owner"), hotline.process.clock.now())
    assert await hotline.process.direct.fetch(mine.sql, *mine.arguments) == []


async def test_whose_home_it_is_about(hotline: Hotline) -> None:
    owner, theirs = hotline.owner, await ownership_of(hotline.process, "合同-0201")
    refused = {
        "home_unknown": {"ownership_id": str(theirs)},
        "project_unknown": {"project_id": str(await project_of(hotline.process, "平江里"))},
        "only_for_callers": {"account_id": str(hotline.neighbour.id)},
        "continues_unknown": {"continues": str(new_id())},
    }
    for expected, more in refused.items():
        answer = await owner.ask("POST", "conversations", json={"text": "好"} | more)
        assert code(answer) == (422, expected)
    assert (await owner.ask("POST", "conversations", json={"text": "\0"})).status_code == 422
    of_project = await owner.open(project_id=str(hotline.project))
    assert of_project["home"] is None
    assert code(await owner.ask("GET", "conversations?state=closed")) == (422, "filter_for_staff")
    taken = await hotline.neighbour.ask("POST", "conversations", json={"text": "好", "id": of_project["id"]})
    assert code(taken) == (409, "id_taken")


async def test_an_agent_notes_a_call(hotline: Hotline) -> None:
    agent, home = hotline.agent, await ownership_of(hotline.process, "合同-0101")
    call = {"project_id": str(hotline.project), "channel": "phone"}
    known = await agent.open(**call, account_id=str(hotline.owner.id), ownership_id=str(home))
    assert (known["state"], known["channel"], known["agent"]["account_id"]) == (
        "assigned",
        "phone",
        str(agent.id),
    )
    assert known["first_answered_at"] == known["opened_at"]
    assert known["staff"]["caller_name"] == "李*"
    assert known["staff"]["caller_phone"] == "+86 135****4684"
    household = await agent.open(ownership_id=str(home))
    unknown = await agent.open(**call, caller_note="路人，姓张")
    seen = {one["id"] for one in (await hotline.owner.ask("GET", "conversations")).json()["items"]}
    assert seen == {known["id"], household["id"]}
    assert unknown["staff"]["caller_note"] == "路人，姓张"
    for expected, more in {
        "caller_missing": call,
        "caller_unknown": call | {"account_id": str(new_id())},
        "home_or_project_missing": {"caller_note": "谁"},
        "home_unknown": {
            "ownership_id": str(home),
            "project_id": str(new_id()),
        },
    }.items():
        answer = await agent.ask("POST", "conversations", json={"text": "好"} | more)
        assert code(answer) == (422, expected)
    outside = await hotline.stranger.ask(
        "POST", "conversations", json={"text": "好", "ownership_id": str(home)}
    )
    assert code(outside) == (422, "home_unknown")
    assert code(await hotline.engineer.ask("POST", "conversations", json={"text": "好"} | call)) == (
        403, "not_in_your_role",
    )  # fmt: skip


async def test_the_queue_is_in_order_and_everybody_knows_their_place(hotline: Hotline) -> None:
    people = (hotline.owner, hotline.neighbour, hotline.family)
    opened = [await who.open(f"第{number}件") for number, who in enumerate(people, 1)]
    queue = (await hotline.agent.ask("GET", f"queue?project={hotline.project}")).json()["items"]
    assert [(one["id"], one["place"], one["preview"]) for one in queue] == [
        (one["id"], place, f"第{place}件") for place, one in enumerate(opened, 1)
    ]
    assert [one["caller"] for one in queue] == ["李*", "石**", "孙**"]
    pages, cursor = [], ""
    while cursor is not None:
        page = (await hotline.agent.ask("GET", f"queue?limit=2{cursor}")).json()
        pages += [one["id"] for one in page["items"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert pages == [one["id"] for one in opened]
    assert (await hotline.stranger.ask("GET", f"queue?project={hotline.project}")).status_code == 404
    assert (await hotline.stranger.ask("GET", "queue")).json()["items"] == []
    assert (await hotline.engineer.ask("GET", "queue")).status_code == 403

    queued, places = QueueTopic(hotline.process), PlaceTopic(hotline.process)
    staff = Caller(hotline.agent.id, new_id(), "staff")
    told = await queued.data(staff, hotline.project)
    assert told is not None
    assert ([one["id"] for one in told["waiting"]], told["more"]) == (pages, False)
    assert await queued.data(Caller(hotline.owner.id, new_id(), "owner"), hotline.project) is None
    assert await queued.data(Caller(hotline.stranger.id, new_id(), "staff"), hotline.project) is None
    neighbour = Caller(hotline.neighbour.id, new_id(), "owner")
    place = await places.data(neighbour, UUID(opened[1]["id"]))
    assert place is not None
    assert (place["state"], place["place"]) == ("waiting", 2)
    assert await places.data(neighbour, UUID(opened[0]["id"])) is None

    # A limit of two: the two who have waited longest. Raised, the third.
    await hotline.agent.available(limit=2)
    assert [(await who.read(one))["state"] for who, one in zip(people, opened, strict=True)] == [
        "assigned", "assigned", "waiting",
    ]  # fmt: skip
    assert (await hotline.family.read(opened[2]))["place"] == 1
    assert (await hotline.agent.available(limit=3))["load"] == 3
    # Closed: the next that comes is theirs again, and nobody else's.
    await hotline.agent.act(opened[0], "close", reason="好")
    assert (await hotline.owner.open("第四件"))["agent"]["account_id"] == str(hotline.agent.id)


async def test_two_agents_reach_for_one(hotline: Hotline, work: Begin) -> None:
    one = await hotline.owner.open()
    version = {"if-match": f'"{one["version"]}"'}
    path, both = f"conversations/{one['id']}/take", (hotline.agent, hotline.colleague)
    answers = await asyncio.gather(*(who.ask("POST", path, headers=version) for who in both))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    held = (await hotline.agent.read(one))["agent"]["account_id"]
    winner = next(answer for answer in answers if answer.status_code == 200)
    assert winner.json()["agent"]["account_id"] == held
    assert (await hotline.owner.kinds(one)).count("assigned") == 1
    await sound(work)


async def test_however_many_assign_at_once_nobody_holds_more_than_their_limit(
    hotline: Hotline, work: Begin
) -> None:
    await asyncio.gather(hotline.agent.available(limit=3), hotline.colleague.available(limit=2))
    opened = await asyncio.gather(*(hotline.owner.open(f"{number}") for number in range(9)))
    await asyncio.gather(
        *(who.act(one, "take") for one in opened for who in (hotline.agent, hotline.colleague))
    )
    stands = {one["account_id"]: one for one in (await hotline.agent.ask("GET", "agents")).json()["items"]}
    assert stands[str(hotline.agent.id)]["load"] <= 3
    assert stands[str(hotline.colleague.id)]["load"] <= 2
    listed = (await hotline.agent.ask("GET", "conversations?state=assigned")).json()["items"]
    assert len(listed) == sum(one["load"] for one in stands.values())
    await sound(work)
    assert (await hotline.colleague.available())["load"] == 2
    free = (await hotline.agent.ask("GET", "conversations?state=waiting")).json()["items"][0]
    full = await hotline.agent.act(free, "transfer", to_account=str(hotline.colleague.id))
    assert code(full) == (409, "agent_full")
    await sound(work)


async def test_a_conversation_changes_hands_with_its_note(hotline: Hotline) -> None:
    owner, agent = hotline.owner, hotline.agent
    await agent.available()
    one = await owner.open()
    refused: Sequence[tuple[dict[str, str], tuple[int, str]]] = [
        ({}, (422, "transfer_to_one")),
        ({"to_role": "hotline_agent", "to_account": str(agent.id)}, (422, "transfer_to_one")),
        ({"to_account": str(agent.id)}, (409, "already_theirs")),
        ({"to_account": str(hotline.stranger.id)}, (422, "staff_unknown")),
        ({"to_account": str(owner.id)}, (422, "staff_unknown")),
        ({"to_role": "repair_engineer"}, (422, "role_answers_nothing")),
    ]
    for sent, expected in refused:
        assert code(await agent.ask("POST", f"conversations/{one['id']}/transfer", json=sent)) == expected
    moved = await agent.act(one, "transfer", to_account=str(hotline.colleague.id), note="请接着看")
    assert moved.json()["agent"]["account_id"] == str(hotline.colleague.id)
    assert [(part["part"], part["account_id"]) for part in moved.json()["people"]] == [
        ("owner", str(owner.id)), ("agent", str(hotline.colleague.id)),
    ]  # fmt: skip
    # To the queue of a role: nobody of it is at the desk, so it waits with the place it had.
    since = (await owner.lines(one))[0]["at"]
    queued = await hotline.colleague.act(one, "transfer", to_role="complaint_specialist", note="投诉")
    assert (queued.json()["state"], queued.json()["staff"]["role"]) == ("waiting", "complaint_specialist")
    assert queued.json()["waiting_since"] == since
    assert (await hotline.agent.available())["load"] == 0
    await hotline.specialist.available()
    assert (await owner.read(one))["agent"]["account_id"] == str(hotline.specialist.id)
    internal = [line for line in await agent.lines(one) if line["audience"] == "staff"]
    notes = [line["body"]["text"] for line in internal if line["kind"] == "text"]
    assert notes == ["请接着看", "投诉"]


async def test_whoever_is_gone_gives_back_what_waits_for_an_answer(
    hotline: Hotline, work: Begin, fire: Fire, forward: Forward
) -> None:
    await hotline.agent.available()
    waits, answered = await hotline.owner.open("还没人理"), await hotline.neighbour.open("已经回了")
    await hotline.agent.say(answered, "好的")
    since = waits["opened_at"]
    await gone(work, hotline.agent)
    await forward(timedelta(seconds=20))
    await fire()
    back, kept = await hotline.owner.read(waits), await hotline.neighbour.read(answered)
    assert (back["state"], back["waiting_since"], kept["state"]) == ("waiting", since, "assigned")
    assert "noted" not in await hotline.owner.kinds(waits)
    [why] = [line["body"] for line in await hotline.agent.lines(waits) if line["kind"] == "noted"]
    assert (why["of"], why["reason"], why["agent"]) == ("requeued", "gone", str(hotline.agent.id))
    # A colleague comes: the sweep gives it to them. Those whose sockets are there are seen by their nodes.
    await hotline.colleague.available()
    assert (await hotline.owner.read(waits))["agent"]["account_id"] == str(hotline.colleague.id)
    await Attended(hotline.process)([hotline.agent.id, hotline.engineer.id])
    listed = (await hotline.agent.ask("GET", f"agents?project={hotline.project}")).json()["items"]
    assert {one["account_id"]: one["here"] for one in listed} == {
        str(hotline.agent.id): True, str(hotline.colleague.id): True,
    }  # fmt: skip
    await sound(work)


async def test_nobody_on_duty(hotline: Hotline, work: Begin) -> None:
    """The duty person is told once, the owner sees a promised time (C2: HC-12, HC-13), and never a closed door."""
    async with work() as unit:
        await unit.execute(text("UPDATE position SET until = since + 1 WHERE role = 'hotline_agent'"))
    one = await hotline.owner.open()
    assert (one["state"], one["place"]) == ("waiting", 1)
    assert one["duty"] == {"role": "complaint_specialist", "role_name": "投诉处理专员", "name": "员工T3"}
    assert one["promised_at"] is not None
    assert "noted" not in await hotline.owner.kinds(one)
    told = [line["body"] for line in await hotline.specialist.lines(one) if line["kind"] == "noted"]
    assert [(line["of"], line["role"], line["on_duty"]) for line in told] == [
        ("nobody_on_duty", "complaint_specialist", True)
    ]
    mine = (await hotline.specialist.ask("GET", "conversations?mine=true")).json()["items"]
    assert [found["id"] for found in mine] == [one["id"]]
    assert (await hotline.specialist.act(one, "take")).json()["duty"] is None
    # Nobody at all: it waits, and says so.
    async with work() as unit:
        await unit.execute(text("UPDATE position SET until = since + 1"))
    alone = await hotline.neighbour.open()
    assert (alone["state"], alone["duty"]) == ("waiting", None)


async def test_a_shift_ends_and_what_was_held_goes_to_the_next(
    hotline: Hotline, work: Begin, fire: Fire, forward: Forward
) -> None:
    """By an override that makes an agent absent from tomorrow on; the colleague is at the desk around the clock."""
    await hotline.agent.available(limit=5)
    one = await hotline.owner.open()
    await hotline.agent.say(one, "在的")
    until = (hotline.process.clock.now() + timedelta(hours=3)).isoformat()
    later = await hotline.neighbour.open()
    assert (await hotline.agent.act(later, "snooze", until=until)).status_code == 200
    async with work() as unit:
        await unit.execute(
            text("UPDATE agent SET shift_until = app_now() + interval '1 hour' WHERE account_id = :id"),
            {"id": hotline.agent.id},
        )
        await unit.execute(
            text(
                "UPDATE position SET until = (app_now() AT TIME ZONE 'Asia/Shanghai')::date WHERE account_id = :id"
            ),
            {"id": hotline.agent.id},
        )
    await fire()
    assert (await hotline.owner.read(one))["agent"]["account_id"] == str(hotline.agent.id)
    await forward(timedelta(hours=1, minutes=1))
    await hotline.colleague.available()
    await fire()
    assert (await hotline.owner.read(one))["agent"]["account_id"] == str(hotline.colleague.id)
    [why] = [line["body"] for line in await hotline.colleague.lines(one) if line["kind"] == "noted"]
    assert (why["reason"], why["agent"]) == ("shift_over", str(hotline.agent.id))
    # What was put off wakes at its time, and is not theirs any more.
    await forward(timedelta(hours=3))
    await hotline.colleague.available()
    await fire()
    await hotline.colleague.available()
    assert (await hotline.colleague.read(later))["agent"]["account_id"] == str(hotline.colleague.id)
    await sound(work)


async def goes_by(work: Work, project: UUID, who: UUID, **limits: dict[str, Any]) -> None:
    """Have the project go by a standard that sets these limits of chat."""
    settings = [
        {"code": code.replace("_", "-"), "name": LIMIT, "due": due, "rules": ["HC-01"]}
        for code, due in limits.items()
    ]
    document = small_document(code="quick") | {"settings": settings}
    standard = Standard.model_validate(document)
    now = (await work.execute(text("SELECT app_now()"))).scalar_one()
    work.add(KnownStandard(code="quick"))
    await work.flush()
    row = {"version": "A/0", "document": plain(standard), "digest": digest(standard), "proposed_at": now}
    done = {"state": "approved", "approved_at": now, "effective_from": date(1990, 1, 1), "reason": "测试"}
    work.add(StandardVersion(code="quick", **row, **done))
    await work.flush()
    choice = {"node_id": project, "code": "quick", "since": date(2020, 1, 1), "at": now}
    work.add(StandardChoice(chosen_by=who, **choice))


async def test_the_limits_of_a_standard_hold(
    hotline: Hotline, work: Begin, fire: Fire, forward: Forward
) -> None:
    """A promised first answer, silence that sends a conversation to somebody else, an end to opening it again."""
    async with work() as unit:
        await goes_by(
            unit,
            hotline.project,
            hotline.agent.id,
            chat_first_reply={"kind": "elapsed_minutes", "value": 3},
            chat_silence={"kind": "elapsed_minutes", "value": 10},
            chat_reopen={"kind": "elapsed_hours", "value": 2},
        )
    owner, agent = hotline.owner, hotline.agent
    await agent.available()
    one = await owner.open()
    promised = datetime.fromisoformat(one["promised_at"]) - datetime.fromisoformat(one["opened_at"])
    assert promised == timedelta(minutes=3)
    await forward(timedelta(minutes=9))
    await agent.available()
    await fire()
    assert (await owner.read(one))["agent"]["account_id"] == str(agent.id)
    # Too long: taken from whoever was silent, and not given straight back to them.
    await forward(timedelta(minutes=2))
    await agent.available()
    await fire()
    back = await owner.read(one)
    assert (back["state"], back["waiting_since"]) == ("waiting", one["opened_at"])
    [late] = (await agent.ask("GET", "queue")).json()["items"]
    assert (late["late"], late["waited_seconds"] >= 660) == (True, True)
    await hotline.colleague.available()
    assert (await owner.read(one))["agent"]["account_id"] == str(hotline.colleague.id)
    await hotline.colleague.act(one, "close", reason="好")
    await forward(timedelta(hours=1))
    assert (await owner.say(one, "还有一事")).status_code == 201
    await hotline.colleague.act(one, "close", reason="好")
    await forward(timedelta(hours=2, minutes=1))
    assert code(await owner.say(one, "又来了")) == (409, "conversation_over")
    again = await owner.open("又来了", continues=one["id"])
    assert again["continues"] == one["id"]
    await sound(work)


async def test_beside_a_conversation(hotline: Hotline) -> None:
    agent = hotline.agent
    earlier, one = await hotline.owner.open("早先的"), await hotline.owner.open("现在的")
    await agent.available()
    context = (await agent.ask("GET", f"conversations/{one['id']}/context")).json()
    assert context["conversation"]["staff"]["caller_phone"] == "+86 135****4684"
    assert [home["room"] for home in context["homes"]] == ["0101"]
    assert [found["id"] for found in context["related"]] == [earlier["id"]]
    assert OWNER[3:] not in str(context)
    assert "李欣" not in str(context)
    assert (await hotline.stranger.ask("GET", f"conversations/{one['id']}/context")).status_code == 404
    replies = await agent.ask("GET", f"conversations/{one['id']}/replies")
    assert replies.json() == {"items": []}


async def test_a_line_on_a_thread_that_sleeps_is_written_once_however_often_it_comes(
    hotline: Hotline, work: Begin, process: Process
) -> None:
    await hotline.agent.available()
    one = await hotline.owner.open()
    await hotline.agent.act(one, "close", reason="好")
    sight, owner = ConversationSight(process, nobody_on_duty()), Caller(hotline.owner.id, new_id(), "owner")
    line = NewEntry(UUID(one["thread_id"]), "text", {"text": "还在"}, hotline.owner.id, cid="again")

    async def speak() -> tuple[int, bool]:
        async with work() as unit:
            said = await sight.speak(unit, owner, UUID(one["id"]), line)
        return said.seq, said.first

    said = await asyncio.gather(*(speak() for _ in range(4)))
    assert len({seq for seq, _ in said}) == 1
    assert sum(first for _, first in said) == 1
    assert (await hotline.owner.kinds(one)).count("reopened") == 1
