"""When the database's clock jumps, nothing fires until the clock is back or an operator says that it is right."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from backend.db.work import Work
from backend.platform.audit import Audit
from backend.platform.process import Process
from backend.platform.timers import DueTimer, Timers, guard, schedule
from backend.platform.timers.checks import CHECKS
from tests.fixtures.logs import Lines
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin, Forward
from tests.fixtures.warped import Jump

HOUR = timedelta(hours=1)
NONE = timedelta(0)


@pytest.fixture(autouse=True)
def warped(jump: Jump, logged: Lines) -> None:
    """Before anything connects."""


async def fire(_work: Work, _timers: Sequence[DueTimer]) -> None:
    """Being marked is all that is asked of it."""


@pytest.fixture
async def workers(process: Process) -> list[Timers]:
    """Two that have looked at the clock, each an hour before a timer is due that must not fire."""
    made = [Timers(process.works, {"note": fire}) for _ in range(2)]
    async with process.works.begin() as work:
        now = await work.scalar(text("SELECT app_now()"))
        assert now is not None
        await schedule(work, process.waker, "note", "a", now + HOUR - timedelta(seconds=30), {})
    return made


async def beat(*workers: Timers) -> None:
    for worker in workers:
        await worker._guard.beat()


async def holds(work: Begin) -> list[Any]:
    async with work() as session:
        return list((await session.execute(text("SELECT * FROM timer_hold ORDER BY id"))).all())


async def fired(work: Begin) -> bool:
    async with work() as session:
        return bool(await session.scalar(text("SELECT state = 'fired' FROM timer")))


@pytest.mark.parametrize("by", [HOUR, -HOUR])
async def test_two_workers_agree_on_a_jump_and_hold_until_the_clock_is_back(
    by: timedelta, workers: list[Timers], work: Begin, jump: Jump, logged: Lines
) -> None:
    one, two = workers
    await beat(one, two, one, two)
    await jump(by)
    # Whoever claims sees it too, so nothing slips through before anybody has looked.
    assert await one.drain() == 0
    await beat(one)
    assert await holds(work) == []
    assert await one.drain() == await two.drain() == 0
    await beat(two)
    [hold] = await holds(work)
    assert (hold.released_at, round(hold.ahead / by.total_seconds(), 2)) == (None, 1)
    # A worker that starts now saw nothing: it does not fire, and does not say that it is over.
    late = Timers(one._works, {"note": fire})
    await beat(one, two, late, one)
    assert await late.drain() == 0
    assert [line["level"] for line in logged() if line["message"] == "timers_held"] == ["error"]
    await jump(NONE)
    await beat(late)
    assert (await holds(work))[0].released_at is None
    await beat(one, two)
    [hold] = await holds(work)
    assert hold.released_because == "the clock agrees again"
    assert await one.drain() == await two.drain() == 0
    assert not await fired(work)


async def test_the_only_worker_alive_is_believed(workers: list[Timers], work: Begin, jump: Jump) -> None:
    alone, _ = workers
    await beat(alone)
    await jump(HOUR)
    await beat(alone)
    assert len(await holds(work)) == 1
    assert await alone.drain() == 0


async def test_a_worker_that_died_is_waited_for_but_not_for_ever(
    workers: list[Timers], work: Begin, jump: Jump, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, dead = workers
    await beat(one, dead, one)
    await jump(HOUR)
    await beat(one)
    assert await holds(work) == []
    real = guard.steady
    monkeypatch.setattr(guard, "steady", lambda: real() + guard.ALIVE_SECONDS + 1)
    await beat(one)
    assert len(await holds(work)) == 1


async def test_a_worker_whose_own_clock_is_wrong_holds_nothing_up(
    workers: list[Timers], work: Begin, monkeypatch: pytest.MonkeyPatch, forward: Forward
) -> None:
    """As a virtual machine that was stopped for an hour: for it, the database has gone an hour too far."""
    one, two = workers
    await beat(one, two, one)
    real = guard.steady
    with monkeypatch.context() as stopped:
        stopped.setattr(guard, "steady", lambda: real() - HOUR.total_seconds())
        await beat(one)
    await beat(two)
    with monkeypatch.context() as stopped:
        stopped.setattr(guard, "steady", lambda: real() - HOUR.total_seconds())
        await beat(one)
    await beat(two)
    assert await holds(work) == []
    await forward(HOUR)
    assert await two.drain() == 1


async def test_the_systems_own_shift_is_no_jump(workers: list[Timers], work: Begin, forward: Forward) -> None:
    one, two = workers
    await beat(one, two)
    await forward(timedelta(days=300))
    await beat(one, two)
    assert await one.drain() == 1
    assert await holds(work) == []


async def test_an_operator_confirms_the_clock_and_what_is_due_by_it_fires(
    client: AsyncClient, process: Process, workers: list[Timers], work: Begin, jump: Jump, staffed: SignedIn
) -> None:
    header = await staffed("A1", "administrator")
    not_held = await client.post("/v1/ops/timers/release", json={"reason": "时钟已核对"}, headers=header)
    assert (not_held.status_code, not_held.json()["code"]) == (409, "timers_not_held")
    one, two = workers
    await beat(one, two, one)
    await jump(HOUR)
    await beat(one, two)
    faults = await Audit(process.works, CHECKS, "").look()
    assert "firing" in {fault.subject for fault in faults}
    assert "tongxing_timers_held 1.0" in (await client.get("/metrics")).text
    released = await client.post("/v1/ops/timers/release", json={"reason": "时钟已核对"}, headers=header)
    assert released.status_code == 200, released.text
    assert released.json()["ahead_seconds"] == pytest.approx(3600, abs=30)
    assert "tongxing_timers_held 0.0" in (await client.get("/metrics")).text
    # Only when they have looked do they take the clock as it stands.
    assert await two.drain() == 0
    await beat(one, two)
    assert await one.drain() == 1
    await beat(one, two)
    [hold] = await holds(work)
    assert hold.released_because == "时钟已核对"
    async with work() as session:
        [act] = await session.execute(text("SELECT * FROM timer_act"))
        assert (act.act, act.timer_id, act.reason) == ("release", None, "时钟已核对")
