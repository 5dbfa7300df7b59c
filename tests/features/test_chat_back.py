"""Nobody is left waiting: silence, absence, the end of a shift, nobody on duty."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.chat.service import Attended
from backend.features.standard.models import KnownStandard, StandardChoice, StandardVersion
from backend.features.standard.rules import digest, plain
from backend.features.standard.service import Standard
from tests.fixtures.hotline import Hotline, Person, code, gone, sound
from tests.fixtures.journeys import Fire
from tests.fixtures.process import Begin, Forward
from tests.fixtures.standards import small_document

LIMIT = {"zh-CN": "时限", "zh-TW": "時限", "en": "Limit"}


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
    """An absence that was known begins, or one is entered in the middle of a shift."""
    await hotline.agent.available(limit=5)
    one = await hotline.owner.open()
    await hotline.agent.say(one, "在的")
    now = hotline.process.clock.now()
    later = await hotline.neighbour.open()
    until = (now + timedelta(hours=3)).isoformat()
    assert (await hotline.agent.act(later, "snooze", until=until)).status_code == 200
    await absent(work, hotline.agent, now + timedelta(hours=1))
    await fire()
    assert (await hotline.owner.read(one))["agent"]["account_id"] == str(hotline.agent.id)
    await forward(timedelta(hours=1, minutes=1))
    await hotline.colleague.available()
    await fire()
    assert await who_has(one, hotline) == hotline.colleague.id
    [why] = [line["body"] for line in await hotline.colleague.lines(one) if line["kind"] == "noted"]
    assert (why["reason"], why["agent"]) == ("shift_over", str(hotline.agent.id))
    # What was put off stays put off, wakes at its time, and is not theirs any more.
    assert (await hotline.colleague.read(later))["state"] == "snoozed"
    await forward(timedelta(hours=3))
    await hotline.colleague.available()
    await fire()
    await hotline.colleague.available()
    assert await who_has(later, hotline) == hotline.colleague.id
    # No end of the colleague's duty was in sight: an absence entered now counts at the next sweep.
    await hotline.specialist.available()
    await absent(work, hotline.colleague, hotline.process.clock.now())
    await fire_again(fire, forward)
    assert [(await hotline.agent.read(held))["state"] for held in (one, later)] == ["waiting", "waiting"]
    stands = (await hotline.agent.ask("GET", f"agents?project={hotline.project}")).json()["items"]
    assert {stand["state"] for stand in stands} == {"off"}
    # Who is there without a shift is not sent off.
    await hotline.colleague.available()
    assert (await hotline.colleague.act(one, "take")).status_code == 200
    await fire_again(fire, forward)
    assert await who_has(one, hotline) == hotline.colleague.id
    await sound(work)


async def test_what_was_put_off_wakes_in_the_queue_when_its_agents_shift_is_over(
    hotline: Hotline, work: Begin, fire: Fire, forward: Forward
) -> None:
    await hotline.agent.available()
    one = await hotline.owner.open()
    now = hotline.process.clock.now()
    assert (await hotline.agent.act(one, "snooze", until=(now + timedelta(hours=3)).isoformat())).is_success
    await absent(work, hotline.agent, now)
    await fire_again(fire, forward)
    staff = (await hotline.colleague.read(one))["staff"]
    assert staff["snoozed_until"] is not None
    await forward(timedelta(hours=3))
    await fire()
    woken = await hotline.owner.read(one)
    assert (woken["state"], woken["agent"], woken["place"]) == ("waiting", None, 1)
    await sound(work)


async def absent(work: Begin, who: Person, since: datetime) -> None:
    """Their position's roster has them absent from then on."""
    async with work() as unit:
        await unit.execute(
            text(
                "INSERT INTO roster_override (id, position_id, kind, starts_at, reason, entered_by)"
                " SELECT :id, id, 'absent', :since, '病假', account_id FROM position WHERE account_id = :who"
            ),
            {"id": new_id(), "since": since, "who": who.id},
        )


async def fire_again(fire: Fire, forward: Forward) -> None:
    """The next sweep."""
    await forward(timedelta(seconds=20))
    await fire()


async def who_has(one: dict[str, Any], hotline: Hotline) -> UUID:
    """In whose hands it is."""
    return UUID((await hotline.specialist.read(one))["agent"]["account_id"])


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
