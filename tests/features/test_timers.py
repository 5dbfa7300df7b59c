"""Timers: each fires once, at its time and not before, with the whole of its effect."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from backend.db.work import Work
from backend.platform.process import Process
from backend.platform.timers import DueTimer, NewTimer, Timers, cancel, schedule, schedule_many
from tests.fixtures.process import Begin, Forward
from tests.fixtures.timers import HOUR, PAST, Fired, effects, now, put, rows
from tests.flows.waiting import until

# Failing handlers are logged: as in production, and not with the whole of every frame.
pytestmark = pytest.mark.usefixtures("logged", "effect_table")


async def test_a_timer_fires_once_at_its_time_and_not_before(
    process: Process, work: Begin, forward: Forward
) -> None:
    fired = Fired()
    timers = Timers(process.works, {"note": fired})
    await put(process, "a", due=await now(work) + HOUR)
    assert await timers.drain() == 0
    await forward(HOUR)
    assert await timers.drain() == 1
    assert await timers.drain() == 0
    assert fired == await effects(work) == ["a"]
    row = (await rows(work))["a"]
    assert (row.state, row.version, row.attempts, row.payload) == ("fired", 1, 0, {"of": "a"})
    assert row.fired_at >= row.due_at
    assert timedelta(0) <= row.lateness < timedelta(minutes=1)


async def test_setting_one_again(process: Process, work: Begin, forward: Forward) -> None:
    """By kind and key there is one timer: the same moment changes nothing, another moves it, fired or not."""
    fired, soon = Fired(), await now(work) + HOUR
    timers = Timers(process.works, {"note": fired})
    for _ in range(2):
        await put(process, "a", due=soon)
    assert (await rows(work))["a"].version == 1
    await put(process, "a", due=soon + HOUR)
    assert ((await rows(work))["a"].version, (await rows(work))["a"].due_at) == (2, soon + HOUR)
    await put(process, "a", due=soon, kind="another")
    await forward(HOUR)
    assert await timers.drain() == 0
    await forward(HOUR)
    assert await timers.drain() == 1
    # It stays fired for the moment it has fired for.
    await put(process, "a", due=soon + HOUR)
    assert await timers.drain() == 0
    await put(process, "a", due=soon + 3 * HOUR)
    assert await timers.drain() == 0
    await forward(2 * HOUR)
    assert await timers.drain() == 1
    assert await effects(work) == ["a", "a"]
    async with work() as session:
        [row] = await session.execute(text("SELECT * FROM timer WHERE kind = 'note'"))
        assert (row.state, row.version, row.due_at) == ("fired", 3, soon + 3 * HOUR)


async def test_many_at_once_and_two_of_one_key(process: Process, work: Begin, one_lane: None) -> None:
    async with work() as session:
        await schedule_many(session, process.waker, [])
        await schedule_many(
            session, process.waker, [NewTimer("note", key, PAST, {"n": n}) for n, key in enumerate("abca")]
        )
    assert {key: row.payload["n"] for key, row in (await rows(work)).items()} == {"a": 3, "b": 1, "c": 2}
    fired = Fired()
    assert await Timers(process.works, {"note": fired}).drain() == 3
    assert fired.batches == [3]


async def test_called_off(process: Process, work: Begin) -> None:
    fired = Fired()
    timers = Timers(process.works, {"note": fired})
    await put(process, "a", "b", "c")
    async with work() as session:
        assert await cancel(session, "note", ["a", "b", "never"]) == 2
        assert await cancel(session, "other", ["c"]) == 0
    assert await timers.drain() == 1
    async with work() as session:
        assert await cancel(session, "note", ["a", "c"]) == 0
    assert {key: row.state for key, row in (await rows(work)).items()} == {
        "a": "cancelled",
        "b": "cancelled",
        "c": "fired",
    }
    # Set again, it is armed again, also for the same moment: it has not fired for it.
    await put(process, "a")
    assert await timers.drain() == 1
    assert await effects(work) == ["a", "c"]


async def test_what_a_handler_writes_commits_with_the_timer_or_not_at_all(
    process: Process, work: Begin, forward: Forward, long_pauses: None, one_lane: None
) -> None:
    """A handler sets the next timer, moves itself, and calls another off that it was given beside itself."""
    later = await now(work) + HOUR

    async def act(session: Work, timers: Sequence[DueTimer]) -> None:
        await fired(session, timers)
        for timer in timers:
            if timer.key == "next":
                await schedule(session, process.waker, "note", "chained", later, {})
            if timer.key == "self":
                await schedule(session, process.waker, "note", "self", later, {})
            if timer.key == "broken":
                await schedule(session, process.waker, "note", "of broken", later, {})
                await cancel(session, "note", ["next"])
                raise ZeroDivisionError
            if timer.key == "aaa":
                await cancel(session, "note", ["victim"])

    fired = Fired()
    timers = Timers(process.works, {"note": act})
    await put(process, "next", "self")
    assert await timers.drain() == 2
    assert {key: (row.state, row.version) for key, row in (await rows(work)).items()} == {
        "next": ("fired", 1),
        "chained": ("pending", 1),
        "self": ("pending", 2),
    }
    for minutes, key in enumerate(("aaa", "broken", "victim")):
        await put(process, key, due=PAST + timedelta(minutes=minutes))
    assert await timers.drain() == 3
    after = await rows(work)
    assert {key: after[key].state for key in ("aaa", "broken", "victim")} == {
        "aaa": "fired",
        "broken": "pending",
        "victim": "cancelled",
    }
    assert "of broken" not in after
    assert await effects(work) == ["aaa", "next", "self"]
    await forward(2 * HOUR)
    await timers.drain()
    assert await effects(work) == ["aaa", "chained", "next", "self", "self"]


async def test_workers_at_once_fire_each_timer_once(process: Process, work: Begin) -> None:
    keys = sorted(f"{number:04}" for number in range(1200))
    await put(process, *keys)
    workers = [Timers(process.works, {"note": Fired()}) for _ in range(3)]
    assert sum(await asyncio.gather(*(worker.drain() for worker in workers))) == len(keys)
    assert await effects(work) == keys


async def test_the_sweep_fires_by_itself_and_says_goodbye(process: Process, work: Begin) -> None:
    sweeping = asyncio.create_task(Timers(process.works, {"note": Fired()}).sweep())
    await put(process, "a", due=await now(work) + timedelta(seconds=0.3))

    async def both() -> bool | None:
        async with work() as session:
            found = await session.scalar(
                text("SELECT (SELECT count(*) FROM effect) + (SELECT count(*) FROM timer_pulse)")
            )
        return found == 2 or None

    await until(both)
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    row = (await rows(work))["a"]
    assert row.fired_at >= row.due_at
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM timer_pulse")) == 0
        assert await session.scalar(text("SELECT sum(fired) FROM timer_lateness")) == 1


async def test_those_due_soon_wake_a_worker_once_for_each_moment(process: Process, valkey_url: str) -> None:
    soon = process.clock.now() + timedelta(minutes=4)
    async with Redis.from_url(valkey_url) as valkey:
        for key in "abc":
            await put(process, key, due=soon)
        await put(process, "later", due=soon + HOUR)
        # One a tenth of a second; the three were set within two.
        assert 1 <= await valkey.zcard("arq:queue") <= 2
        [(job, at), *_] = await valkey.zrange("arq:queue", 0, -1, withscores=True)
        assert job.startswith(b"drain_timers:")
        assert at / 1000 == pytest.approx(soon.timestamp(), abs=10)
        await put(process, "past")
        assert await valkey.zcard("arq:queue") <= 3
