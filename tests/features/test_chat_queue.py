"""The queue, its order, and races for what waits in it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from backend.core.caller import Caller
from backend.core.ids import new_id
from backend.features.chat.topics import PlaceTopic, QueueTopic
from tests.fixtures.hotline import Hotline, code, sound
from tests.fixtures.process import Begin


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
