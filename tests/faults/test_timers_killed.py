"""Timers while everything they stand on is killed, wiped or wrong: none lost, none twice, none before its time."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from backend.platform.embedded import Servers
from backend.platform.embedded.postgres import Postgres
from backend.platform.embedded.valkey import Valkey
from backend.platform.process import Process
from backend.platform.timers import NewTimer, schedule_many
from tests.faults.timer_worker import BOUNDARIES
from tests.fixtures.process import Forward
from tests.fixtures.started import Started, descendants, with_a_wrong_clock
from tests.fixtures.warped import Jump
from tests.flows.waiting import until

_PROGRAM = with_a_wrong_clock("tests.faults.timer_worker")
# What must never be: a line too many, too few, or too early.
_WRONG = (
    "SELECT count(*) FROM timer t LEFT JOIN effect e ON e.key = t.key GROUP BY t.id, t.key"
    " HAVING count(e.key) <> CASE t.state WHEN 'fired' THEN 1 ELSE 0 END OR min(e.at) < t.due_at"
)

Put = Callable[..., Awaitable[None]]
Ask = Callable[[str], Awaitable[Any]]


@pytest.fixture
async def ask(jump: Jump, process: Process) -> Ask:
    """The first value of a query, or True, which is no value, while the database is away."""

    async def query(sql: str) -> Any:
        async with process.works.begin() as work:
            return await work.scalar(text(sql))

    async with process.works.begin() as work:
        await work.execute(
            text("CREATE TABLE effect (key text NOT NULL, at timestamptz NOT NULL, pid int NOT NULL)")
        )
    return query


@pytest.fixture
def put(process: Process, ask: Ask) -> Put:
    """`await put("note", 10, timedelta(seconds=1))` sets ten timers, all due in a second."""

    async def set_them(kind: str, many: int, due_in: timedelta) -> None:
        due: datetime = await ask("SELECT app_now()") + due_in
        async with process.works.begin() as work:
            await schedule_many(
                work, process.waker, [NewTimer(kind, f"{kind} {due} {n}", due, {}) for n in range(many)]
            )

    return set_them


async def killed(server: Postgres | Valkey) -> None:
    os.kill(server.pid, signal.SIGKILL)

    async def has_ended() -> int | None:
        return server.poll()

    await until(has_ended)


async def all_fired(ask: Ask, kind: str) -> None:
    async def none_left() -> bool | None:
        return (
            await ask(f"SELECT count(*) FROM timer WHERE state <> 'fired' AND kind = '{kind}'") == 0 or None
        )

    await until(none_left)
    assert await ask(_WRONG) is None


async def test_timers_outlive_what_they_stand_on(
    own_servers: Servers,
    start: Callable[..., Started],
    put: Put,
    ask: Ask,
    forward: Forward,
    jump: Jump,
) -> None:
    env = {"TONGXING_DATABASE_URL": own_servers.database_url, "TONGXING_VALKEY_URL": own_servers.valkey_url}

    for boundary in BOUNDARIES:
        await put(boundary, 5, timedelta(0))
    workers = start(_PROGRAM, env=env)
    workers.until_said('"message":"dead"', times=len(BOUNDARIES))
    assert workers.said.count('"code":-9') == len(BOUNDARIES), workers.said
    for boundary in BOUNDARIES:
        await all_fired(ask, boundary)
    await _valkey_wiped_and_gone(own_servers, put, ask)
    await _postgres_restarted_in_mid_batch(own_servers, put, ask)
    await _the_systems_clock_moved(put, ask, forward)
    await _the_databases_clock_jumped(put, ask, jump)
    # Three raced for all of them, whatever their own clocks said.
    assert await ask("SELECT count(DISTINCT pid) FROM effect WHERE key LIKE 'slow%'") == 3
    assert len(descendants(workers.process.pid) - {workers.process.pid}) == 3
    assert await ask("SELECT count(*) FROM timer WHERE state = 'parked'") == 0


async def _valkey_wiped_and_gone(own: Servers, put: Put, ask: Ask) -> None:
    await put("note", 20, timedelta(seconds=1.5))
    async with Redis.from_url(own.valkey_url) as valkey:
        assert await valkey.zcard("arq:queue") > 0
        await valkey.flushall()
    await killed(own.valkey)
    await put("note", 20, timedelta(seconds=1))
    await all_fired(ask, "note")
    own.valkey.start()
    await put("note", 20, timedelta(0))
    await all_fired(ask, "note")


async def _postgres_restarted_in_mid_batch(own: Servers, put: Put, ask: Ask) -> None:
    await put("slow", 1500, timedelta(seconds=0.5))

    async def in_the_middle() -> int | None:
        return await ask("SELECT count(*) FROM effect WHERE key LIKE 'slow%'") or None

    assert await until(in_the_middle) < 1500
    await killed(own.postgres)
    await asyncio.to_thread(own.postgres.start)
    await all_fired(ask, "slow")


async def _the_systems_clock_moved(put: Put, ask: Ask, forward: Forward) -> None:
    await put("note", 50, timedelta(hours=20))
    await forward(timedelta(hours=19))
    await put("note", 1, timedelta(0))

    async def the_due_one() -> bool | None:
        return await ask("SELECT count(*) FROM timer WHERE state <> 'fired'") == 50 or None

    await until(the_due_one)
    assert await ask(_WRONG) is None
    await forward(timedelta(hours=1))
    await all_fired(ask, "note")


async def _the_databases_clock_jumped(put: Put, ask: Ask, jump: Jump) -> None:
    await put("note", 50, timedelta(minutes=30))
    await jump(timedelta(hours=1))

    async def is_held(held: str) -> bool | None:
        return await ask(f"SELECT count(*) FROM timer_hold WHERE released_at IS {held}") == 1 or None

    await until(lambda: is_held("NULL"))
    await jump(timedelta(0))
    await until(lambda: is_held("NOT NULL"))
    await put("note", 1, timedelta(0))

    async def the_due_one() -> bool | None:
        return await ask("SELECT count(*) FROM timer WHERE state <> 'fired'") == 50 or None

    await until(the_due_one)
    assert await ask(_WRONG) is None
