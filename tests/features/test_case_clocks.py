"""The clocks of a case: warned, late, a chain that calls; ended by their act alone; paused, revised, counted."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from backend.features.hotline.checks import CHECKS
from backend.features.hotline.clocks import case_clocks
from backend.platform.audit import Audit
from tests.fixtures.cases import Desk, clocks
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.process import Begin, Forward


async def counted(desk: Desk, one: dict[str, Any], code: str) -> dict[str, Any]:
    """A clock of a case as staff read it."""
    items = (await desk.specialist.ask("GET", f"cases/{one['id']}/clocks")).json()["items"]
    return next(item for item in reversed(items) if item["code"] == code)


async def chains(desk: Desk) -> list[tuple[str, str, str | None]]:
    """The chains there are: whose clock, how they stand, why they ended."""
    found = await rows(desk.process, "SELECT clock, state, ended_why FROM escalation ORDER BY begun_at, id")
    return [(row.clock, row.state, row.ended_why) for row in found]


async def kept(desk: Desk, one: dict[str, Any], code: str) -> Any:
    """A clock of a case as it is kept, days after everybody's session has ended."""
    [found] = await rows(
        desk.process, "SELECT * FROM case_clock WHERE case_id = :id AND code = :code", id=one["id"], code=code
    )
    return found


async def faults(desk: Desk) -> list[str]:
    return [fault.why for fault in await Audit(desk.process.works, CHECKS, "").look()]


async def test_a_promise_in_danger_calls_until_its_act(
    desk: Desk, forward: Forward, fire: Fire, work: Begin
) -> None:
    """CT-05, CT-06: the first warning is for whoever has it, the last begins the chain; only a contact ends C2."""
    one = await desk.call()

    async def until(moment: str) -> None:
        """A minute after a moment, with everything fired that is due."""
        await forward(datetime.fromisoformat(moment) - desk.process.clock.now() + timedelta(minutes=1))
        await fire()

    contact = await counted(desk, one, "C2")
    first, last = contact["arithmetic"]["warns_at"]
    await until(first)
    told = await rows(desk.process, "SELECT account_id FROM notice WHERE kind = 'case_clock'")
    assert {row.account_id for row in told} == {desk.property_manager.id}
    assert await chains(desk) == []
    await until(last)
    assert ("C2", "calling", None) in await chains(desk)
    # Whom it turns out to be about is called no more, and nothing of it rings for them.
    calls = "SELECT p.state FROM page p WHERE p.account_id = :id"
    assert [row.state for row in await rows(desk.process, calls, id=desk.agent.id)] == ["ringing"]
    about = {"account": desk.agent.id, "why": "complained_about", "words": "业主指名"}
    await desk.move(desk.colleague, one, "bar", **about)
    assert [row.state for row in await rows(desk.process, calls, id=desk.agent.id)] == ["ended"]
    await until(contact["due_at"])
    assert [row.state for row in await rows(desk.process, calls, id=desk.agent.id)] == ["ended"]
    assert (await counted(desk, one, "C2"))["state"] == "breached"
    assert await faults(desk) == []
    # Taking it over is no contact, nor are words on the thread; a recorded talk is.
    await desk.move(desk.colleague, one, "take")
    await desk.colleague.say(one, "我们正在处理")
    assert clocks(await desk.read(desk.owner, one))["C2"] == "breached"
    await desk.move(desk.colleague, one, "contact", reached=True, words="已致电业主，说明情况")
    ended = await counted(desk, one, "C2")
    assert (ended["state"], ended["arithmetic"]["ended_act"]) == ("met_late", "contact")
    assert ended["stands"] == "已做到，但晚于承诺"
    assert ("C2", "ended", "met") in await chains(desk)
    assert ended["due_at"] == ended["first_promise"] == contact["due_at"]
    assert "clock_late" in await desk.owner.kinds(one)
    # Agreed without a date, the date is owed as the reply was; then completion, then the visit (HC-29, HC-32, HC-38).
    await desk.move(desk.colleague, one, "note_positions", customer="尽快修好", company="本周内修好")
    await desk.move(desk.colleague, one, "propose", cause="控制器老化", proposal="更换控制器")
    assert clocks(await desk.read(desk.owner, one))["C3"] in {"met", "met_late"}
    await desk.move(desk.owner, one, "accept")
    assert clocks(await desk.read(desk.owner, one))["C3"] == "running"
    soon = (desk.process.clock.now() + timedelta(days=2)).isoformat()
    await desk.move(desk.owner, one, "agree_date", done_by=soon)
    stands = clocks(await desk.read(desk.owner, one))
    assert (stands["C3"], stands["C4"]) == ("met", "running")
    await desk.move(desk.colleague, one, "finish", words="控制器已更换")
    stands = clocks(await desk.read(desk.owner, one))
    assert (stands["C4"], stands["C5"]) == ("met", "running")
    assert await faults(desk) == []


async def test_paused_for_the_owner_and_resumed_by_their_act(
    desk: Desk, forward: Forward, fire: Fire, work: Begin
) -> None:
    """What waits for the owner stands still with its reason; what is ours alone goes on; their word resumes it."""
    one = await desk.call()
    before = await counted(desk, one, "C3")
    await desk.move(desk.property_manager, one, "pause", reason="waiting_for_owner", words="等业主提供照片")
    assert clocks(await desk.read(desk.owner, one)) == {"C1": "met", "C2": "running", "C3": "paused"}
    await forward(timedelta(hours=8))
    await fire()
    # The desk's word does not resume it, the owner's does; what was left is left, counted as it counts.
    await desk.agent.say(one, "请提供照片")
    assert (await desk.read(desk.owner, one))["paused_for"] == "waiting_for_owner"
    left = timedelta(seconds=before["arithmetic"]["left_seconds"])
    assert (await desk.owner.say(one, "照片已发")).status_code == 201
    after = await counted(desk, one, "C3")
    assert (after["state"], after["first_promise"]) == ("running", before["due_at"])
    assert abs(timedelta(seconds=after["arithmetic"]["left_seconds"]) - left) < timedelta(minutes=5)
    assert [pause["why"] for pause in after["pauses"]] == ["waiting_for_owner"]
    assert (await desk.owner.kinds(one))[-2:] == ["resumed", "text"]
    owners = (await desk.owner.ask("GET", f"cases/{one['id']}/clocks")).json()
    assert owners["contact_before_dispatch"] is None
    assert {item["arithmetic"] for item in owners["items"]} == {None}
    assert await faults(desk) == []
    # A new calendar moves nothing by itself; revised by somebody's decision, the first promise stays.
    provider = case_clocks(desk.process.waker)
    async with work() as unit:
        found = await provider.running(unit, [desk.hotline.project], None)
        [reply] = [clock for clock in found if clock.name == "答复方案"]
        later = reply.due + timedelta(days=7)
        assert await provider.revise(unit, reply, later, "国庆调休", desk.head.id)
        assert not await provider.revise(unit, reply, later, "国庆调休", desk.head.id)
    revised = await counted(desk, one, "C3")
    assert later - datetime.fromisoformat(revised["due_at"]) < timedelta(milliseconds=1)
    assert revised["first_promise"] == before["due_at"]
    assert [change["why"] for change in revised["arithmetic"]["revisions"]] == ["国庆调休"]
    assert revised["arithmetic"]["warns_at"] > after["arithmetic"]["warns_at"]
    assert await faults(desk) == []
    # The audit sees what lies in silence.
    async with work() as unit:
        await unit.execute(text("DELETE FROM timer WHERE kind = 'case_clock'"))
    assert "runs and nothing will look at it" in " ".join(await faults(desk))
    async with work() as unit:
        await unit.execute(
            text(
                "UPDATE case_clock SET state = 'void', ended_at = app_now(), ended_act = 'x' WHERE ended_at IS NULL"
            )
        )
    assert await faults(desk) == ["it is dispatched, and no clock of it runs"]


async def test_what_stood_still_in_danger_calls_anew_and_is_not_late(
    desk: Desk, forward: Forward, fire: Fire
) -> None:
    """Nobody is called as of a moment before it stood still, and what is done meanwhile is done in time (HC-28)."""
    one, other = await desk.call(), await desk.call(gist="电梯噪声")
    for each in (one, other):
        await desk.move(desk.property_manager, each, "contact", reached=True, words="已致电")
    reply = await counted(desk, one, "C3")
    last = datetime.fromisoformat(reply["arithmetic"]["warns_at"][-1])
    await forward(last - desk.process.clock.now() + timedelta(minutes=1))
    await fire()
    assert await chains(desk) == [("C3", "calling", None)] * 2
    for each in (one, other):
        await desk.move(desk.property_manager, each, "pause", reason="waiting_for_owner")
    assert await chains(desk) == [("C3", "ended", "paused")] * 2
    await forward(timedelta(days=10))
    await fire()
    await desk.move(desk.owner, one, "resume")
    while await fire():
        pass
    living = await rows(desk.process, "SELECT step, round FROM escalation WHERE state = 'calling'")
    assert [(row.step, row.round) for row in living] == [(0, 1)]
    assert (await kept(desk, one, "C3")).state == "running"
    await desk.move(desk.property_manager, other, "note_positions", customer="要安静", company="已达标")
    await desk.move(desk.property_manager, other, "propose", cause="轴承", proposal="更换")
    answered = await kept(desk, other, "C3")
    assert (answered.state, answered.breached_at) == ("met", None)
    assert answered.pauses[-1]["until"] is not None
    # Revised in its last quarter, it warns at shares of what is left.
    agreed: dict[str, Any] = {"done_by": desk.process.clock.now() + timedelta(days=8)}
    await desk.move(desk.owner, other, "accept", **agreed)
    await forward(timedelta(days=7))
    agreed = {"done_by": desk.process.clock.now() + timedelta(days=2), "words": "业主同意"}
    await desk.move(desk.property_manager, other, "agree_date", **agreed)
    assert datetime.fromisoformat((await kept(desk, other, "C4")).marks[0]) > desk.process.clock.now()
