"""Whom a promise in danger calls, when, and when it stops: chains on a database, with the worker's own handlers."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.db.present import present
from backend.features.escalation.service import Danger, bar, end
from backend.platform.threads import NewEntry, append
from backend.platform.timers import Timers
from backend.worker import timers
from tests.fixtures.escalation import Watch, sound
from tests.fixtures.hotline import Hotline
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin, Forward
from tests.fixtures.timers import now

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def lines(watch: Watch, thread: Any) -> list[Any]:
    return await rows(
        watch.process, "SELECT kind, body, audience FROM entry WHERE thread_id = :id ORDER BY seq", id=thread
    )


async def drained(fire: Fire) -> None:
    while await fire():
        pass


async def test_a_chain_calls_step_by_step_and_its_top_until_somebody_acts(
    watch: Watch, work: Begin, fire: Fire, forward: Forward
) -> None:
    """HC-03 to HC-11, CT-05: agents in the last quarter, the specialist when it is due, then a quarter later each."""
    first = (await now(work)).astimezone(UTC) + HOUR
    one = await watch.danger(work, first)
    await watch.start(work, one)
    await watch.start(work, one)
    await drained(fire)
    assert await watch.called(work, one) == []
    await sound(work)
    for step in range(6):
        await forward(HOUR if step == 0 else 2 * HOUR)
        await drained(fire)
        await sound(work)
    called = await watch.called(work, one)
    assert called == [
        ("hotline_agent", first),
        ("colleague", first),
        ("complaint_specialist", one.due_at),
        ("project_engineer", one.due_at + 2 * HOUR),
        ("head_of_customer_relations", one.due_at + 4 * HOUR),
        ("leader_in_charge", one.due_at + 6 * HOUR),
        ("leader_in_charge", one.due_at + 8 * HOUR),
    ]
    written = await lines(watch, one.thread_id)
    assert [(line.kind, line.audience) for line in written] == [("step_called", "staff")] * 6
    assert [person["name"] for person in written[0].body["people"]] == ["员工W0", "员工W9"]
    told = await rows(watch.process, "SELECT data, subject_kind FROM notice WHERE kind = 'page' ORDER BY id")
    assert len(told) == 7
    assert told[0].data["cases"]["zh-CN"] == one.number
    assert told[0].data["left"]["zh-CN"] == "还剩 119 分钟"
    assert told[-1].data["all"]["en"] == f"{one.number} · first contact · 8 h late"
    # By SMS and push at once, at any hour (HC-10).
    channels = await rows(watch.process, "SELECT DISTINCT lane FROM delivery WHERE kind = 'page'")
    assert [row.lane for row in channels] in ([], ["urgent"])
    await watch.end(work, one, await now(work))
    await forward(9 * HOUR)
    await drained(fire)
    assert len(await watch.called(work, one)) == 7
    left = await rows(watch.process, "SELECT DISTINCT state FROM page ORDER BY state")
    assert [row.state for row in left] == ["ended", "lapsed"]
    await sound(work)


async def test_nobody_there_is_recorded_and_the_next_comes_at_once(
    watch: Watch, work: Begin, fire: Fire, forward: Forward
) -> None:
    """The barred are passed over, a step by category without one too, and what is vacant; the last is tried again."""
    first = (await now(work)).astimezone(UTC)
    gone = [watch.people[one] for one in ("hotline_agent", "colleague")]
    async with work() as unit:
        await unit.execute(
            text("UPDATE position SET until = '2021-01-01' WHERE account_id = ANY (:ids)"), {"ids": gone}
        )
    barred = frozenset({watch.people["complaint_specialist"]})
    one = await watch.danger(work, first, barred=barred, category=None)
    urgent = await watch.danger(work, first, from_step=2)
    await watch.start(work, one, urgent)
    await drained(fire)
    assert await watch.called(work, one) == [("head_of_customer_relations", first)]
    assert await watch.called(work, urgent) == [("project_engineer", first)]
    written = await lines(watch, one.thread_id)
    assert [(line.kind, line.body["step"], line.body.get("why")) for line in written] == [
        ("step_vacant", 1, "nobody_on_duty"),
        ("step_vacant", 2, "barred"),
        ("step_vacant", 3, "no_category"),
        ("step_called", 4, None),
    ]
    async with work() as unit:
        await unit.execute(
            text("UPDATE position SET until = '2021-01-01' WHERE account_id = :id"),
            {"id": watch.people["leader_in_charge"]},
        )
    # Down for ten days: what was missed is called once, and then at its next time.
    await forward(timedelta(days=10))
    await drained(fire)
    kinds = [line.kind for line in await lines(watch, one.thread_id)]
    assert kinds[4:] == ["step_vacant"]
    async with work() as unit:
        await unit.execute(
            text("UPDATE position SET until = NULL WHERE account_id = :id"),
            {"id": watch.people["leader_in_charge"]},
        )
    await forward(2 * HOUR)
    await drained(fire)
    called = await watch.called(work, one)
    assert [who for who, _ in called] == ["head_of_customer_relations", "leader_in_charge"]
    late = called[-1][1] - first
    assert (late > timedelta(days=10), late % (2 * HOUR)) == (True, timedelta(0))
    await sound(work)


async def test_pages_of_a_person_within_a_minute_are_one_notice(
    watch: Watch, work: Begin, fire: Fire, forward: Forward
) -> None:
    """The first rings at once with what there is, what comes after it when the minute is over; each case is named."""
    first = (await now(work)).astimezone(UTC)
    together = [await watch.danger(work, first) for _ in range(12)]
    await watch.start(work, *together)
    await drained(fire)
    later = [await watch.danger(work, first) for _ in range(2)]
    for one in later:
        await watch.start(work, one)
        await drained(fire)
    sql = "SELECT data FROM notice WHERE account_id = :id AND kind = 'page' ORDER BY id"
    agent = watch.people["hotline_agent"]
    [bundle] = await rows(watch.process, sql, id=agent)
    assert bundle.data["cases"]["zh-CN"].endswith("等 12 件")
    assert len(bundle.data["cases"]["zh-CN"]) <= 35
    listed = {line.split(" · ")[0] for line in bundle.data["all"]["zh-CN"].splitlines()}
    assert listed == {one.number for one in together}
    await sound(work)
    # One of them is met before it rings.
    await watch.end(work, later[0], await now(work))
    await forward(MINUTE)
    await drained(fire)
    found = await rows(watch.process, sql, id=agent)
    assert [row.data["cases"]["en"] for row in found[1:]] == [later[1].number]
    states = await rows(
        watch.process,
        "SELECT state, count(*) AS many FROM page WHERE account_id = :id GROUP BY state ORDER BY state",
        id=agent,
    )
    assert [(row.state, row.many) for row in states] == [("ended", 1), ("ringing", 13)]
    await sound(work)


async def test_a_chain_that_somebody_holds_waits_for_nobody_and_holds_up_no_other(
    watch: Watch, work: Begin, fire: Fire, forward: Forward
) -> None:
    """Whoever acts on a case holds its thread and then ends its chain: neither waits for the other in a circle."""
    first = (await now(work)).astimezone(UTC)
    held, free = await watch.danger(work, first), await watch.danger(work, first)
    await watch.start(work, held, free)
    async with work() as unit:
        await unit.execute(text("SELECT FROM thread WHERE id = :id FOR UPDATE"), {"id": held.thread_id})
        await fire()
        assert await watch.called(work, held) == []
        assert len(await watch.called(work, free)) == 2
    await forward(timedelta(seconds=1))
    await drained(fire)
    assert await watch.called(work, held) == await watch.called(work, free)


async def test_whoever_turns_out_to_be_complained_about_is_called_no_more(
    watch: Watch, work: Begin, fire: Fire, forward: Forward
) -> None:
    """A complaint never goes to the person complained about: their page ends, and the chain passes them over."""
    first = (await now(work)).astimezone(UTC)
    one, other = await watch.danger(work, first), await watch.danger(work, first)
    await watch.start(work, one, other)
    await drained(fire)
    agent = watch.people["hotline_agent"]
    async with work() as unit:
        accounts = [agent, watch.people["complaint_specialist"]]
        await bar(unit, "case", one.subject_id, accounts, await present(unit))
    states = (
        "SELECT p.state FROM page p JOIN escalation e ON e.id = p.escalation_id WHERE e.clock_id = :id"
        " ORDER BY p.state"
    )
    assert [row.state for row in await rows(watch.process, states, id=one.clock_id)] == ["ended", "ringing"]
    assert [row.state for row in await rows(watch.process, states, id=other.clock_id)] == ["ringing"] * 2
    await forward(2 * HOUR)
    await drained(fire)
    assert [who for who, _ in await watch.called(work, one)][2:] == ["project_engineer"]
    assert [who for who, _ in await watch.called(work, other)][2:] == ["complaint_specialist"]
    await sound(work)


async def test_two_workers_and_people_who_act_meanwhile_make_each_call_once(
    watch: Watch, work: Begin, forward: Forward
) -> None:
    """Whoever acts writes a line and then ends the clock's chain; nobody fails, and nothing is called after that."""
    first = (await now(work)).astimezone(UTC)
    dangers = [await watch.danger(work, first) for _ in range(60)]
    await watch.start(work, *dangers)
    drains = [Timers(watch.process.works, timers(watch.process)).drain for _ in range(2)]

    # When it had the chain to itself: a call may be made between the moment of the act and then.
    over: dict[UUID, datetime] = {}

    async def acts(some: Sequence[Danger]) -> None:
        for one in some:
            async with work() as unit:
                await append(unit, NewEntry(one.thread_id, "done", {}, None))
                await end(unit, [one.clock_id], "met", await present(unit))
                over[one.clock_id] = watch.process.clock.now()

    for _ in range(3):
        await asyncio.gather(*(drain() for drain in drains), acts(dangers[:10]), acts(dangers[10:20]))
        await forward(2 * HOUR)
    await asyncio.gather(*(drain() for drain in drains))
    found = await rows(
        watch.process,
        "SELECT e.clock_id, e.state, count(p.id) FILTER (WHERE p.state IN ('waiting', 'ringing')) AS open,"
        " max(p.made_at) AS last, count(*) FILTER (WHERE p.step = 0) AS agents, count(p.id) AS pages"
        " FROM escalation e LEFT JOIN page p ON p.escalation_id = e.id GROUP BY e.id",
    )
    for row in found:
        assert (row.state == "ended") == (row.clock_id in over)
        if row.state == "ended":
            assert row.open == 0
            assert row.last is None or row.last <= over[row.clock_id]
        else:
            # Two agents, the specialist, the engineer, the head: each once.
            assert (row.agents, row.pages) == (2, 5)
    parked = await rows(
        watch.process, "SELECT kind, last_error FROM timer WHERE state = 'parked' OR attempts > 0"
    )
    assert parked == []
    await sound(work)


async def test_a_standard_without_the_chain_says_so(watch: Watch, work: Begin, fire: Fire) -> None:
    one = await watch.danger(work, datetime(2026, 1, 1, tzinfo=UTC), chain="nobody")
    await watch.start(work, one)
    assert [line.kind for line in await lines(watch, one.thread_id)] == ["chain_missing"]


async def test_a_conversation_for_which_nobody_is_there_calls_until_somebody_has_it(
    hotline: Hotline, work: Begin, fire: Fire, forward: Forward, signed_in: SignedIn
) -> None:
    """CT-39, HC-12, HC-13: the duty person is told at once, and called when first contact is in danger."""
    duty = "UPDATE position SET until = {} WHERE account_id = ANY (:ids)"
    agents = {"ids": [hotline.agent.id, hotline.colleague.id]}
    async with work() as unit:
        await unit.execute(text(duty.format("since + 1")), agents)
    one = await hotline.owner.open()
    [chain] = await rows(hotline.process, "SELECT * FROM escalation")
    begun, due = chain.starts_at, chain.due_at
    assert (chain.clock, chain.number) == ("C2", f"H-{one['id'][-6:].upper()}")
    assert begun < chain.first_at == chain.next_at < due
    await forward(chain.first_at - begun - MINUTE)
    await drained(fire)
    told = "SELECT kind FROM notice WHERE account_id = :id ORDER BY id"
    specialist = hotline.specialist.id
    assert [row.kind for row in await rows(hotline.process, told, id=specialist)] == ["hotline_unserved"]
    await forward(2 * MINUTE)
    await drained(fire)
    assert [row.kind for row in await rows(hotline.process, told, id=specialist)] == [
        "hotline_unserved",
        "page",
    ]
    async with work() as unit:
        await unit.execute(text(duty.format("NULL")), agents)
    agent = replace(hotline.agent, headers=await signed_in(hotline.agent.id))
    assert (await agent.act(one, "take")).status_code == 200
    [chain] = await rows(hotline.process, "SELECT * FROM escalation")
    assert (chain.state, chain.ended_why) == ("ended", "met")
    await sound(work)
