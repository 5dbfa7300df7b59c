"""A year of an estate, in less than a minute, on a system of several processes to which everything happens.

Three workers race, one of them with its clock an hour off. They are killed, Valkey is wiped and killed, PostgreSQL is
killed. Every promise of the year is turned once, on its day, and none is forgotten.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from backend.core.clock import local_date
from backend.features.journey.service import milestones_without_timer
from backend.platform.embedded import Servers
from backend.platform.process import Process
from backend.platform.timers import DRAIN
from tests.fixtures.estate import Estate, home_row
from tests.fixtures.forks import Child
from tests.fixtures.journeys import rows
from tests.fixtures.process import Forward
from tests.fixtures.started import Started
from tests.flows.sheet_count import months_after
from tests.flows.waiting import until

YEAR = timedelta(days=366)

# A worker whose own clock is an hour fast, in everything it reads it for.
_WRONG_CLOCK = """
import time
from datetime import timedelta
real = time.time
time.time = lambda: real() + 3600
import asyncio
from backend.core import clock
right = clock.MovableClock.now
clock.MovableClock.now = lambda self: right(self) + timedelta(hours=1)
from backend.core.config import Settings
from backend.worker import run_worker
asyncio.run(run_worker(Settings(_env_file=None)))
"""

_PENDING = "SELECT count(*) FROM timer WHERE state = 'pending' AND next_try_at <= app_now()"
_OUTBOX = "SELECT count(*) FROM outbox WHERE state = 'pending'"
_NEXT = "SELECT min(next_try_at) - app_now() AS wait, app_now() AS now FROM timer WHERE state = 'pending'"
# Each turn of a milestone has its own line; the day it is about is in the line.
_TURNS = (
    "SELECT e.kind, e.body->>'obligation' AS obligation, CAST(e.body->>'due_on' AS date) AS due_on, e.at, e.thread_id"
    " FROM entry e WHERE e.kind IN ('milestone_due', 'milestone_late', 'milestone_missed', 'task_opened')"
)
_TOLD = "SELECT e.body->>'notice' AS notice, e.at FROM entry e WHERE e.kind = 'warranty_told'"


def sheet_of(today: date) -> list[dict[str, str]]:
    """Homes at every place of the way, so that the coming year holds something of everything."""
    homes = []

    def home(room: int, **dates: date) -> None:
        named = {column: day.isoformat() for column, day in dates.items()}
        homes.append(home_row(f"{room:04}", f"业主{chr(0x4E00 + room)}", f"138{room:08}", **named))

    for room in range(101, 113):  # waiting; handed over some day of the year
        signed = today - timedelta(days=20 * (room - 95))
        due = today + timedelta(days=25 * (room - 98))
        home(room, 认购日期=signed - timedelta(days=3), 签约日期=signed, 合同交付日期=due)
    for room in range(201, 213):  # living there since some day of the past year
        lived = today - timedelta(days=29 * (room - 200))
        signed = lived - timedelta(days=700)
        home(
            room,
            认购日期=signed,
            签约日期=signed,
            合同交付日期=lived,
            实际交付日期=lived,
            领钥匙日期=lived,
            入住日期=lived,
        )
    for room in range(301, 307):  # whose warranty ends within the year
        lived = months_after(today, -36) + timedelta(days=50 * (room - 299))
        signed = lived - timedelta(days=700)
        home(room, 认购日期=signed, 签约日期=signed, 合同交付日期=lived, 实际交付日期=lived, 入住日期=lived)
    return homes


def owed_in(homes: list[dict[str, str]], first: date, last: date) -> Counter[tuple[str, date]]:
    """What the sheet alone says comes due after `first` until `last`, by obligation and day."""
    found: Counter[tuple[str, date]] = Counter()

    def owe(obligation: str, day: date) -> None:
        if first < day <= last:
            found[obligation, day] += 1

    for home in homes:
        due = date.fromisoformat(home["合同交付日期"])
        if "实际交付日期" not in home:
            owe("delivery-pack", due - timedelta(days=10))
            continue
        lived = date.fromisoformat(home["入住日期"])
        owe("three-month-visit", months_after(lived, 3))
        owe("one-year-check", months_after(lived, 12))
    return found


def told_in(homes: list[dict[str, str]], first: date, last: date) -> Counter[tuple[str, date]]:
    """What the sheet alone says the product itself tells households: a warranty ends, has ended (WR-13, WR-14)."""
    ends = [
        months_after(date.fromisoformat(one["实际交付日期"]), 36) for one in homes if "实际交付日期" in one
    ]
    days = [("ending", months_after(day, -2)) for day in ends] + [("ended", day) for day in ends]
    return Counter((kind, day) for kind, day in days if first < day <= last)


class System:
    """Three workers over servers of their own, and a hand that reaches in."""

    def __init__(self, own: Servers, process: Process, spawn: Callable[..., Child], wrong: Started) -> None:
        self.own, self.process, self._spawn = own, process, spawn
        self.workers = [spawn("worker"), spawn("worker")]
        self.wrong = wrong

    async def kill_a_worker(self) -> None:
        """kill -9, in the middle of whatever it does; another is started in its place."""
        victim = self.workers.pop(0)
        os.kill(victim.pid, signal.SIGKILL)
        await asyncio.to_thread(victim.wait)
        self.workers.append(self._spawn("worker"))

    async def wipe_valkey(self) -> None:
        async with Redis.from_url(self.own.valkey_url) as valkey:
            await valkey.flushall()

    async def kill_valkey(self) -> None:
        os.kill(self.own.valkey.pid, signal.SIGKILL)

        async def has_ended() -> int | None:
            return self.own.valkey.poll()

        await until(has_ended)

    async def start_valkey(self) -> None:
        self.own.valkey.start()

    async def restart_postgres(self) -> None:
        os.kill(self.own.postgres.pid, signal.SIGKILL)

        async def has_ended() -> int | None:
            return self.own.postgres.poll()

        await until(has_ended)
        await asyncio.to_thread(self.own.postgres.start)


@pytest.fixture
def system(
    own_servers: Servers, process: Process, spawn: Callable[..., Child], start: Callable[..., Started]
) -> System:
    """Three workers, one of them with a wrong clock."""
    env = {
        "TONGXING_MODE": "development",
        "TONGXING_DATABASE_URL": own_servers.database_url,
        "TONGXING_VALKEY_URL": own_servers.valkey_url,
    }
    return System(own_servers, process, spawn, start(_WRONG_CLOCK, env=env))


async def first(process: Process, sql: str) -> Any:
    """A query's first row, or None while the database is away."""
    try:
        return (await rows(process, sql))[0]
    except Exception:
        return None


async def test_a_year_passes_and_every_promise_is_turned_once_on_its_day(
    system: System, process: Process, estate: Estate, forward: Forward
) -> None:
    began = local_date(process.clock.now())
    homes = sheet_of(began)
    assert (await estate(homes)).refusal is None
    await until(lambda: _nothing_waits(process))
    reached_in = {
        3: system.kill_a_worker,
        8: system.wipe_valkey,
        12: system.restart_postgres,
        18: system.kill_a_worker,
        24: system.kill_valkey,
        27: system.start_valkey,
        32: system.restart_postgres,
        40: system.kill_a_worker,
    }
    end = process.clock.now() + YEAR
    step = 0
    while True:
        coming = await until(lambda: first(process, _NEXT))
        if coming.wait is None or coming.now + coming.wait > end:
            break
        step += 1
        happens = asyncio.create_task(reached_in[step]()) if step in reached_in else None
        await _move(process, forward, max(coming.wait, timedelta(0)) + timedelta(milliseconds=1))
        if happens is not None:
            await happens
        await until(lambda: _nothing_waits(process), seconds=30)
    assert step > max(reached_in), "the year was too short for all that was to happen"

    turns = await rows(process, _TURNS)
    last = local_date(process.clock.now())
    told = Counter((one.obligation, one.due_on) for one in turns if one.kind == "task_opened")
    expected = owed_in(homes, began, last)
    assert (
        Counter({place: many for place, many in told.items() if place[0] in {o for o, _ in expected}})
        == expected
    )
    # Once, each of them.
    lines = Counter((one.thread_id, one.kind, one.obligation, one.due_on) for one in turns)
    assert {line for line, many in lines.items() if many > 1} == set()
    # On its day and not before; what happened in between has cost seconds, not days.
    for one in turns:
        if one.kind == "task_opened" and one.obligation in {o for o, _ in expected}:
            assert local_date(one.at) == one.due_on
    # What the product does by itself it has done on its day, and it was nobody's task.
    said = await rows(process, _TOLD)
    assert Counter((one.notice, local_date(one.at)) for one in said) == told_in(homes, began, last)
    assert not {place[0] for place in told} & {"warranty-notice", "warranty-expiry-notice"}
    # Late when the day is over: the visits that nobody made.
    late = {(one.obligation, one.due_on): local_date(one.at) for one in turns if one.kind == "milestone_late"}
    assert late
    assert all(day == due_on + timedelta(days=1) for (_, due_on), day in late.items())

    assert await rows(process, "SELECT 1 FROM timer WHERE state = 'parked'") == []
    async with process.works.begin() as work:
        assert not await milestones_without_timer(work)
    assert system.wrong.process.poll() is None


async def _move(process: Process, forward: Forward, by: timedelta) -> None:
    """Once: the clock may not be moved twice because an answer was lost."""
    before: datetime = process.clock.now()
    while process.clock.now() - before < by:
        try:
            await forward(by)
        except Exception:
            await asyncio.sleep(0.05)
    await process.waker.wake_in(timedelta(0), DRAIN)


async def _nothing_waits(process: Process) -> bool | None:
    for sql in (_PENDING, _OUTBOX):
        found = await first(process, sql)
        if found is None or found[0]:
            return None
    return True
