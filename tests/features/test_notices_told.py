"""What exists tells: promises, tasks, conversations handed over, reveals, and lines that somebody has not read."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.config import Settings
from backend.core.ids import new_id
from backend.features.notices.service import About, Absent, Selected, Telling, tell, tell_selected
from backend.features.notices.service.inbox import mark_read
from backend.platform.process import Process
from backend.sights import addressees, sights
from tests.fakes.fcm import refusal
from tests.fixtures.application import Drain
from tests.fixtures.estate import Estate, account_of, home_row, ownership_of
from tests.fixtures.hotline import Hotline, Person
from tests.fixtures.journeys import Fire
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.posts import Site
from tests.fixtures.process import Begin, Forward
from tests.fixtures.sockets import Call, Node, Talk
from tests.fixtures.ways import Ways, registered

HOUR = timedelta(hours=1)
SPECIALIST = "customer_relations_specialist"


@pytest.fixture
def settings(led_out: Settings) -> Settings:
    return led_out


async def told(client: AsyncClient, headers: dict[str, str], kind: str) -> list[tuple[str, str]]:
    page = (await client.get("/v1/notices", headers=headers, params={"kind": kind})).json()
    return [(one["title"], one["body"]) for one in page["items"]]


async def test_promises_and_tasks_are_told_when_they_come_due_move_and_pass(
    client: AsyncClient,
    process: Process,
    work: Begin,
    estate: Estate,
    drain: Drain,
    fire: Fire,
    forward: Forward,
    signed_in: SignedIn,
) -> None:
    today = local_date(process.clock.now())
    dates = {"认购日期": today.isoformat(), "签约日期": "", "合同交付日期": ""}
    async with work() as unit:
        specialist = (await staff_account(unit, "T1", SPECIALIST)).id
        manager = (await staff_account(unit, "T2", "customer_manager")).id
    await estate([home_row("0101", "李欣", "13542604684", **dates)])
    await drain()
    owner = await account_of(process, "+8613542604684")
    assert await told(client, await signed_in(specialist), "task_opened") == [
        ("新任务", "您有 1 项新任务待办。")
    ]

    ownership = await ownership_of(process, "合同-0101")
    moved = await client.patch(
        f"/v1/ownerships/{ownership}",
        headers=await signed_in(manager) | {"if-match": "*"},
        json={"subscribed_on": (today - timedelta(days=1)).isoformat(), "reason": "日期录错"},
    )
    assert moved.status_code == 200, moved.text
    await drain()
    [(title, _)] = await told(client, await signed_in(owner), "promise_moved")
    assert title == "承诺日期有调整"

    # Another home is handed over in a fortnight: its papers are to be sent ten days before.
    soon = {"合同交付日期": (today + timedelta(days=15)).isoformat(), "签约日期": today.isoformat()}
    await estate([home_row("0102", "王芳", "13688889999", **dates | soon)])
    await drain()
    await forward(timedelta(days=5))
    await fire()
    neighbour = await account_of(process, "+8613688889999")
    due = [body for _, body in await told(client, await signed_in(neighbour), "promise_due")]
    assert f"我们承诺在 {today + timedelta(days=5)} 前完成，现已开始办理。" in due

    await forward(timedelta(days=4))
    await fire()
    late = await told(client, await signed_in(owner), "promise_late")
    assert late
    assert all("已过期" in body for _, body in late)
    again = len(late)
    await fire()
    assert len(await told(client, await signed_in(owner), "promise_late")) == again


async def test_a_line_on_a_journey_reaches_its_household_though_nobody_ever_opened_it(
    site: Site, work: Begin, forward: Forward
) -> None:
    async def look() -> None:
        await forward(timedelta(seconds=10))
        await Absent(site.process, sights(site.process), addressees()).look()

    async def say(journey: str, words: str, audience: str = "all") -> None:
        async with work() as unit:
            thread = await unit.scalar(text(f"SELECT thread_id FROM journey WHERE {journey}"))
        said = {"kind": "text", "body": {"text": words}, "cid": str(new_id()), "audience": audience}
        answer = await site.ask("manager", "POST", f"/threads/{thread}/entries", json=said)
        assert answer.status_code in {200, 201}, answer.text

    async def lines(who: str) -> list[tuple[str, str]]:
        return await told(site.client, site.headers[who], "thread_lines")

    of_building_1 = f"ownership_id = '{site.homes['1号楼']}'"
    await say(of_building_1, "仅内部可见", "staff")
    await look()
    assert await lines("李欣") == []
    await say(of_building_1, "样板间已可参观")
    await look()
    await look()
    one = [("新消息", "您有 1 条未读消息。")]
    assert [await lines(who) for who in ("李欣", "梁鑫", "周明", "manager")] == [one, one, [], []]
    # What is said of the whole project is for all who have signed there.
    await say("ownership_id IS NULL", "本周六工地开放")
    await look()
    assert [await lines(who) for who in ("李欣", "梁鑫", "周明")] == [one * 2, one * 2, one]


async def test_what_is_promised_to_a_whole_project_is_told_to_its_owners_when_it_is_late(
    site: Site, fire: Fire, forward: Forward, work: Begin, signed_in: SignedIn
) -> None:
    """S3-26: that the month's post is due is told by the post; that there is none, by us."""
    await forward(timedelta(days=32))
    await fire()
    headers = await signed_in(site.people["周明"])
    late = [title for title, _ in await told(site.client, headers, "promise_late")]
    assert "工程进展公示" in late
    due = [title for title, _ in await told(site.client, headers, "promise_due")]
    assert "工程进展公示" not in due
    # Whoever has the duty hears of it as well, and nobody else of the staff.
    for name, heard in (("manager", True), ("writer", False), ("agent", False)):
        tasks = await told(site.client, await signed_in(site.people[name]), "task_late")
        assert (("任务已过期", "您有 1 项任务已过期，请尽快处理。") in tasks) == heard, (name, tasks)


async def test_a_promise_to_a_whole_project_that_moves_is_told_to_all_its_owners(
    client: AsyncClient,
    process: Process,
    estate: Estate,
    drain: Drain,
    staffed: SignedIn,
    signed_in: SignedIn,
) -> None:
    """What the project owes four years after its first delivery, when that was written down for a wrong day."""
    delivered = local_date(process.clock.now()) - timedelta(days=100)
    await estate(
        [
            home_row("0101", "李欣", "13542604684"),
            home_row("0102", "欧阳建平", "13902884299", 实际交付日期=delivered.isoformat()),
        ]
    )
    await drain()
    neighbour = await account_of(process, "+8613542604684")
    assert await told(client, await signed_in(neighbour), "promise_moved") == []
    moved = await client.patch(
        f"/v1/ownerships/{await ownership_of(process, '合同-0102')}",
        headers=await staffed("T1", "administrator") | {"if-match": "*"},
        json={"delivered_on": (delivered - timedelta(days=1)).isoformat(), "reason": "日期录错"},
    )
    assert moved.status_code == 200, moved.text
    await drain()
    assert await told(client, await signed_in(neighbour), "promise_moved") == [
        ("承诺日期有调整", "1 项承诺的日期已调整，原因见您的房屋历程。")
    ]


async def test_an_invitation_is_told_and_texted_to_whom_has_no_app_yet(
    site: Site, drain: Drain, ways: Ways, signed_in: SignedIn
) -> None:
    asked = {"phone": "13900000003", "role": "family"}
    made = await site.ask("李欣", "POST", f"/ownerships/{site.homes['1号楼']}/invitations", json=asked)
    assert made.status_code == 201, made.text
    await drain()
    invited = await signed_in(await account_of(site.process, "+8613900000003"))
    assert [title for title, _ in await told(site.client, invited, "invitation")] == ["家庭成员邀请"]
    assert [sent["to"] for sent in ways.sms.sent.values()] == ["+8613900000003"]


async def test_a_reveal_is_told_to_whom_it_concerns(hotline: Hotline) -> None:
    asked = {"subject": str(hotline.owner.id), "field": "phone", "reason": "业主来电要求回拨"}
    assert (await hotline.agent.ask("POST", "reveals", json=asked)).status_code == 201
    [(_, body)] = await told(hotline.owner.client, hotline.owner.headers, "reveal")
    assert body.startswith("工作人员查看了您的手机号码")
    assert await told(hotline.owner.client, hotline.neighbour.headers, "reveal") == []


async def test_a_conversation_that_comes_into_ones_hands_is_told_and_one_that_one_took_is_not(
    hotline: Hotline, ways: Ways, drain: Drain
) -> None:
    client, agent, colleague = hotline.agent.client, hotline.agent, hotline.colleague
    await registered(client, colleague.headers, "desk")
    one = await hotline.owner.open()
    await agent.act(one, "take")
    assert await told(client, agent.headers, "conversation_assigned") == []
    handed = await agent.act(one, "transfer", to_account=str(colleague.id))
    assert handed.status_code == 200, handed.text
    assert len(await told(client, colleague.headers, "conversation_assigned")) == 1
    await drain()
    [push] = [one for one in ways.fcm.taken if one["token"] == "desk"]
    assert push["notification"]["title"] == "有会话转给您"
    assert push["android"]["priority"] == "high"
    # There were agents for it all the time.
    assert await told(client, hotline.specialist.headers, "hotline_unserved") == []


async def test_a_hotline_without_anybody_on_duty_wakes_whoever_has_the_duty(
    hotline: Hotline, work: Begin, ways: Ways, drain: Drain
) -> None:
    """CT-39: whatever their quiet hours, once a conversation, and by SMS when no device takes it."""
    client, duty = hotline.specialist.client, hotline.specialist
    async with work() as unit:
        ids = [hotline.agent.id, hotline.colleague.id]
        await unit.execute(
            text("UPDATE position SET until = since + 1 WHERE account_id = ANY (:ids)"), {"ids": ids}
        )
        await unit.execute(
            text("UPDATE account SET phone = '+8613900000009' WHERE id = :id"), {"id": duty.id}
        )
    now = hotline.process.clock.now().astimezone(ZoneInfo("Asia/Shanghai"))
    sleeps = {name: (now + by).strftime("%H:%M") for name, by in (("begins", -HOUR), ("ends", HOUR))}
    chosen = await client.put(
        "/v1/me/notice-preferences",
        headers=duty.headers,
        json={"quiet_hours": sleeps | {"zone": "Asia/Shanghai"}},
    )
    assert chosen.status_code == 200, chosen.text
    await registered(client, duty.headers, "bedside")
    await hotline.owner.open()
    await drain()
    words = ("热线无人值守", "有业主在等待，当前无人值班，请安排接待。")
    assert await told(client, duty.headers, "hotline_unserved") == [words]
    [push] = ways.fcm.taken
    assert (push["token"], push["android"]["priority"]) == ("bedside", "high")
    assert (push["notification"]["title"], push["notification"]["body"]) == words
    assert ways.sms.sent == {}, "a device took it"
    # The next one comes, and the phone is switched off for good.
    ways.fcm.faults["bedside"] = refusal("UNREGISTERED")
    await hotline.neighbour.open()
    await drain()
    assert await told(client, duty.headers, "hotline_unserved") == [words, words]
    assert len(ways.fcm.taken) == 1
    [text_message] = ways.sms.sent.values()
    assert text_message["to"] == "+8613900000009"
    assert text_message["text"].startswith("【同行】热线有业主在等待")


async def _look(hotline: Hotline) -> int:
    return await Absent(hotline.process, sights(hotline.process), addressees()).look()


async def _held(hotline: Hotline) -> tuple[dict[str, Any], Person]:
    """A conversation in the agent's hands, and its owner with a phone."""
    await registered(hotline.owner.client, hotline.owner.headers, "phone")
    one = await hotline.owner.open()
    await hotline.agent.act(one, "take")
    return one, hotline.owner


async def test_new_lines_reach_who_is_away_as_one_push_with_a_count(
    hotline: Hotline, ways: Ways, drain: Drain, forward: Forward
) -> None:
    one, owner = await _held(hotline)
    await hotline.agent.say(one, "师傅今天下午到")
    await hotline.agent.say(one, "请留人在家")
    await hotline.agent.say(one, "仅内部可见", audience="staff")
    await _look(hotline)
    assert await told(owner.client, owner.headers, "thread_lines") == [], "they may be reading at this moment"
    await forward(timedelta(seconds=10))
    for _ in range(3):
        await _look(hotline)
    await drain()
    assert await told(owner.client, owner.headers, "thread_lines") == [("新消息", "您有 2 条未读消息。")]
    [shown] = (await owner.client.get("/v1/notices", headers=owner.headers)).json()["items"]
    await hotline.agent.say(one, "已经出发")
    await forward(timedelta(seconds=30))
    await _look(hotline)
    assert len(await told(owner.client, owner.headers, "thread_lines")) == 1, "told again within a minute"
    await forward(timedelta(minutes=1))
    await _look(hotline)
    await drain()
    # The later one takes the place of the first, in the inbox and on the lock screen.
    assert await told(owner.client, owner.headers, "thread_lines") == [("新消息", "您有 3 条未读消息。")]
    assert (sum(ways.fcm.by_token.values()), ways.fcm.shown()) == (2, 1)
    # A page that is a moment old has read what it shows, and not what came since.
    read = await owner.client.post("/v1/notices/read", headers=owner.headers, json={"up_to": shown["id"]})
    assert read.status_code == 204, read.text
    assert (await owner.client.get("/v1/notices", headers=owner.headers)).json()["unread"] == 1


async def test_who_reads_on_is_not_disturbed(
    hotline: Hotline, ways: Ways, drain: Drain, forward: Forward
) -> None:
    one, owner = await _held(hotline)
    await hotline.agent.say(one, "师傅今天下午到")
    head = (await owner.lines(one))[-1]["seq"]
    await owner.ask("POST", f"threads/{one['thread_id']}/read", json={"seq": head})
    await forward(timedelta(seconds=10))
    await _look(hotline)
    assert await told(owner.client, owner.headers, "thread_lines") == []
    # Read after it was told and before it was sent: it is not sent.
    await hotline.agent.say(one, "到楼下了")
    await forward(timedelta(seconds=10))
    await _look(hotline)
    await owner.ask("POST", f"threads/{one['thread_id']}/read", json={"seq": head + 1})
    await drain()
    assert ways.fcm.taken == []


async def test_who_may_no_longer_see_a_thread_is_told_nothing_of_it(
    hotline: Hotline, work: Begin, forward: Forward
) -> None:
    one, owner = await _held(hotline)
    family = hotline.family
    said = await family.say(one, "我是家里人")
    assert said.status_code in {200, 201}, said.text
    async with work() as unit:
        await unit.execute(
            text("UPDATE household_member SET ended_at = app_now() WHERE account_id = :id"), {"id": family.id}
        )
    await hotline.agent.say(one, "师傅今天下午到")
    await forward(timedelta(seconds=10))
    await _look(hotline)
    assert len(await told(owner.client, owner.headers, "thread_lines")) == 1
    assert await told(owner.client, family.headers, "thread_lines") == []


async def test_a_phone_with_an_open_socket_sees_a_new_notice_at_once_and_nobody_elses(
    node: Node, call: Call, talk: Talk
) -> None:
    phone, tablet = await call(node, talk.owner), await call(node, talk.owner)
    other = await call(node, talk.employee)
    about = About("journey", talk.owner)

    async def said(key: str) -> None:
        async with node.process.works.begin() as work:
            await tell(work, Telling("promise_moved", [talk.owner], {"count": 1}, about, key))

    async def stands(device: Any, unread: int) -> dict[str, Any]:
        # A node that has just begun to listen says once how it stands.
        while (frame := await device.next("notice"))["unread"] != unread:
            assert frame["unread"] == 0
        return dict(frame)

    await said("one")
    first = await stands(phone, 1)
    assert await stands(tablet, 1) == first
    await said("two")
    assert (await stands(phone, 2))["newest"] > first["newest"]
    # So many are told at once that nobody is poked by name; who has a socket open sees it all the same.
    async with node.process.works.begin() as work:
        await work.execute(
            text(
                "INSERT INTO account (id, kind, locale) SELECT uuidv7(), 'owner', 'zh-CN' FROM generate_series(1, 250)"
            )
        )
        owners = "SELECT id FROM account WHERE kind = :kind OR id = :me"
        everybody = Selected(owners, {"kind": "owner", "me": talk.owner})
        await tell_selected(work, "newsletter", {"title": "会员通讯"}, about, "post", everybody)
    third = await stands(phone, 3)
    # Read on one device, it is read on the others.
    async with node.process.works.begin() as work:
        mine = Caller(talk.owner, new_id(), "owner")
        await mark_read(work, mine, UUID(third["newest"]), and_before=True)
    assert await phone.next("notice") == {"op": "notice", "unread": 0, "newest": None}
    assert [frame for frame in other.heard if frame["op"] == "notice" and frame["unread"]] == []
