"""Who sees what of a conversation, whose home it can be about, what stands beside it."""

from typing import Any

from backend.core.caller import Caller
from backend.core.ids import new_id
from backend.duty import nobody_on_duty
from backend.features.chat.sight import ConversationSight
from tests.fixtures.estate import account_of, ownership_of, project_of
from tests.fixtures.hotline import OWNER, Hotline, Person, code
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.process import Begin


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
    sight = ConversationSight(hotline.process, nobody_on_duty(hotline.process))
    mine = sight.mine(Caller(hotline.owner.id, new_id(), "owner"), hotline.process.clock.now())
    assert await hotline.process.direct.fetch(mine.sql, hotline.owner.id, *mine.arguments) == []


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
