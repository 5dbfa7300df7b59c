"""Timers: each fires once, with the whole of its effect, and whatever goes wrong with one is not the others' affair."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.db.work import Work
from backend.platform.outbox import pause_after
from backend.platform.process import Process
from backend.platform.timers import (
    DueTimer,
    Handler,
    NewTimer,
    Timers,
    cancel,
    running,
    schedule,
    schedule_many,
)
from backend.platform.timers.running import ATTEMPTS
from tests.fixtures.process import Begin, Forward

PAST = datetime(2026, 1, 31, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)

# Failing handlers are logged: as in production, and not with the whole of every frame.
pytestmark = pytest.mark.usefixtures("logged")


class Fired(list[str]):
    """A handler that writes a line a timer into a table of its own, in the timers' transaction."""

    def __init__(self, guilty: str | None = None) -> None:
        super().__init__()
        self.guilty = guilty
        self.batches: list[int] = []

    async def __call__(self, work: Work, timers: Sequence[DueTimer]) -> None:
        self.batches.append(len(timers))
        for timer in timers:
            await work.execute(text("INSERT INTO effect (key) VALUES (:key)"), {"key": timer.key})
            if timer.key == self.guilty:
                raise ZeroDivisionError
            self.append(timer.key)


@pytest.fixture(autouse=True)
async def effect_table(work: Begin) -> None:
    async with work() as session:
        await session.execute(text("CREATE TABLE effect (key text NOT NULL)"))


@pytest.fixture
def long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes for seconds, so that no pause ends while a slow machine looks on."""
    monkeypatch.setattr(running, "pause_after", lambda attempts: 60 * pause_after(attempts))


@pytest.fixture
def one_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what is due together is fired together."""
    monkeypatch.setattr(running, "_LANES", 1)


async def put(process: Process, *keys: str, due: datetime = PAST, kind: str = "note") -> None:
    async with process.works.begin() as work:
        await schedule_many(work, process.waker, [NewTimer(kind, key, due, {"of": key}) for key in keys])


async def rows(work: Begin) -> dict[str, Any]:
    async with work() as session:
        return {row.key: row for row in await session.execute(text("SELECT * FROM timer"))}


async def effects(work: Begin) -> list[str]:
    async with work() as session:
        return sorted(await session.scalars(text("SELECT key FROM effect")))


async def now(work: Begin) -> datetime:
    async with work() as session:
        moment = await session.scalar(text("SELECT app_now()"))
    assert isinstance(moment, datetime)
    return moment


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


async def test_a_batch_that_fails_puts_only_the_guilty_one_off(
    process: Process, work: Begin, long_pauses: None, one_lane: None
) -> None:
    keys = [f"{number:02}" for number in range(20)]
    fired = Fired(guilty="07")
    await put(process, *keys)
    assert await Timers(process.works, {"note": fired}).drain() == 20
    assert fired.batches[0] == 20
    assert await effects(work) == [key for key in keys if key != "07"]
    row = (await rows(work))["07"]
    assert (row.state, row.attempts, row.last_error) == ("pending", 1, "ZeroDivisionError")


async def test_one_that_keeps_failing_is_tried_with_growing_pauses_and_then_parked(
    process: Process, work: Begin, forward: Forward, long_pauses: None
) -> None:
    fired = Fired(guilty="bad")
    timers = Timers(process.works, {"note": fired})
    await put(process, "bad")
    for attempt in range(1, ATTEMPTS + 1):
        assert await timers.drain() == 1
        assert await timers.drain() == 0
        row = (await rows(work))["bad"]
        assert (row.attempts, row.state) == (attempt, "parked" if attempt == ATTEMPTS else "pending")
        await forward(timedelta(minutes=pause_after(attempt)))
    await forward(timedelta(days=1))
    assert await timers.drain() == 0
    assert await effects(work) == []
    # Moved to another moment it begins anew.
    fired.guilty = None
    await put(process, "bad", due=PAST + HOUR)
    assert await timers.drain() == 1
    assert await effects(work) == ["bad"]


@pytest.mark.parametrize("dies", ["while it runs", "at the commit"])
async def test_one_that_takes_the_transaction_down_is_tried_alone_from_then_on(
    dies: str, process: Process, work: Begin, forward: Forward, one_lane: None
) -> None:
    # Between the cut and the note nobody holds the rows: a second lane could take them, rightly.
    async with work() as session:
        await session.execute(text("CREATE TABLE other (key text UNIQUE DEFERRABLE INITIALLY DEFERRED)"))

    async def act(session: Work, timers: Sequence[DueTimer]) -> None:
        await fired(session, timers)
        if "bad" in {timer.key for timer in timers}:
            if dies == "while it runs":
                await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            await session.execute(text("INSERT INTO other VALUES ('a'), ('a')"))

    fired = Fired()
    timers = Timers(process.works, {"note": act})
    await put(process, "a", "bad", "c")
    assert await timers.drain() == 3
    assert {row.attempts for row in (await rows(work)).values()} == {1}
    await forward(timedelta(minutes=10))
    assert await timers.drain() == 3
    assert await effects(work) == ["a", "c"]
    row = (await rows(work))["bad"]
    assert (row.state, row.attempts) == ("pending", 2)


async def test_a_kind_nobody_knows_is_parked_after_a_while_and_stands_in_nobodys_way(
    process: Process, work: Begin, forward: Forward
) -> None:
    """Not at once: a worker of the version before meets kinds it does not know while a new one is rolled out."""
    fired, soon = Fired(), await now(work)
    timers = Timers(process.works, {"note": fired})
    await put(process, "x", kind="unheard_of", due=soon)
    await put(process, "a")
    assert await timers.drain() == 1
    await timers._park_orphans()
    assert (await rows(work))["x"].state == "pending"
    await forward(timedelta(minutes=11))
    assert await timers.drain() == 0
    await timers._park_orphans()
    row = (await rows(work))["x"]
    assert (row.state, row.last_error) == ("parked", "NoHandler")


async def test_workers_at_once_fire_each_timer_once(process: Process, work: Begin) -> None:
    keys = sorted(f"{number:04}" for number in range(1200))
    await put(process, *keys)
    workers = [Timers(process.works, {"note": Fired()}) for _ in range(3)]
    assert sum(await asyncio.gather(*(worker.drain() for worker in workers))) == len(keys)
    assert await effects(work) == keys


async def test_a_handler_that_hangs_is_ended(
    process: Process, work: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(session: Work, _timers: Sequence[DueTimer]) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(running, "_HANDLER_SECONDS", 0.05)
    handlers: dict[str, Handler] = {"hang": hang, "note": Fired()}
    await put(process, "x", kind="hang")
    await put(process, "a")
    assert await Timers(process.works, handlers).drain() == 2
    row = (await rows(work))["x"]
    assert (row.state, row.attempts, row.last_error) == ("pending", 1, "TimeoutError")
    assert await effects(work) == ["a"]
