"""Timers that fail, hang, take the line down or are nobody's: put off, parked, and nobody else's affair."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text

from backend.db.work import Work
from backend.platform.outbox import pause_after
from backend.platform.process import Process
from backend.platform.timers import DueTimer, Handler, Timers, running
from backend.platform.timers.running import ATTEMPTS
from tests.fixtures.process import Begin, Forward
from tests.fixtures.timers import HOUR, PAST, Fired, effects, now, put, rows
from tests.flows.waiting import until

# Failing handlers are logged: as in production, and not with the whole of every frame.
pytestmark = pytest.mark.usefixtures("logged", "effect_table")


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


async def test_those_that_failed_before_hold_nobody_up(process: Process, work: Begin) -> None:
    """However long they take to fail again."""
    released = asyncio.Event()

    async def hang(_work: Work, _timers: Sequence[DueTimer]) -> None:
        await released.wait()

    handlers: dict[str, Handler] = {"hang": hang, "note": Fired()}
    await put(process, "x", "y", kind="hang")
    async with work() as session:
        await session.execute(text("UPDATE timer SET attempts = 1"))
    await put(process, "a", due=PAST + HOUR)
    draining = asyncio.create_task(Timers(process.works, handlers).drain())

    async def fired() -> bool | None:
        return await effects(work) == ["a"] or None

    await until(fired)
    assert not draining.done()
    released.set()
    assert await draining == 3


async def test_a_batch_that_hangs_is_not_tried_one_by_one_at_once(
    process: Process, work: Begin, monkeypatch: pytest.MonkeyPatch, one_lane: None
) -> None:
    """Each would take its minute while the others wait."""
    calls = 0

    async def hang(_work: Work, _timers: Sequence[DueTimer]) -> None:
        nonlocal calls
        calls += 1
        await asyncio.Event().wait()

    monkeypatch.setattr(running, "_HANDLER_SECONDS", 0.05)
    await put(process, "a", "b", "c", kind="hang")
    assert await Timers(process.works, {"hang": hang}).drain() == 3
    assert calls == 1
    assert {row.attempts for row in (await rows(work)).values()} == {1}
