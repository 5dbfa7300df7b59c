"""Timers, many at once and one at a time: `python -m bench.timers [--quick] [--json]`.

A million pending (a tenth when quick), of which ten thousand come due in one instant; each writes a row. One worker on
one core, PostgreSQL on the other; the figure is the median from the instant until the last is committed. Beside it
the same claim, rows and marks in bare SQL, by one connection and as fast as it goes.
"""

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from os import sched_setaffinity
from statistics import median, quantiles
from typing import Any

import asyncpg

from backend.core.config import Settings
from backend.core.logging import configure_logging
from backend.db.url import asyncpg_arguments
from backend.platform.embedded import Servers, children
from backend.platform.process import open_process
from backend.platform.timers import schedule
from bench.harness import ROOT, Figure, at_most, cores, database, environment, options, report, use_load_core

_DUE = 10_000
_BATCH = 500
_ROUNDS = 3

_PENDING = """INSERT INTO timer (id, kind, key, due_at, next_try_at, payload)
    SELECT gen_random_uuid(), 'bench', $1 || i, due, due, '{"home": 1}'
    FROM (SELECT i, now() + $2::interval + i * $3::interval AS due FROM generate_series(1, $4::int) i) t"""
_CLAIM = """SELECT id, key FROM timer WHERE state = 'pending' AND next_try_at <= now()
    ORDER BY next_try_at, id LIMIT $1 FOR UPDATE SKIP LOCKED"""
_EFFECT = "INSERT INTO effect (key) SELECT unnest($1::text[])"
_MARK = """UPDATE timer SET state = 'fired', fired_at = clock_timestamp(), lateness = clock_timestamp() - due_at
    WHERE id = ANY($1)"""
_LEFT = "SELECT count(*) FROM timer WHERE state = 'pending' AND next_try_at <= now() + interval '1 minute'"
_LATE = "SELECT extract(epoch FROM lateness)::float8 AS late FROM timer WHERE key LIKE $1 || '%'"


@contextmanager
def _worker(running: Servers) -> Iterator[None]:
    """A worker on the core that nothing else of ours uses."""
    child = children.spawn(
        [sys.executable, "-m", "bench.timer_worker"],
        death_signal=signal.SIGKILL,
        output=subprocess.DEVNULL,
        env=environment(running),
        cwd=ROOT,
    )
    sched_setaffinity(child.pid, {cores()[0]})
    try:
        yield
    finally:
        children.stop(child, signal.SIGKILL, 5.0)


async def _bare(connection: asyncpg.Connection, number: int) -> float:
    """Seconds that ten thousand take in bare SQL."""
    await connection.execute(_PENDING, f"bare {number} ", timedelta(0), timedelta(0), _DUE)
    began = time.perf_counter()
    while True:
        async with connection.transaction():
            rows = await connection.fetch(_CLAIM, _BATCH)
            await connection.execute(_EFFECT, [row["key"] for row in rows])
            await connection.execute(_MARK, [row["id"] for row in rows])
        if not rows:
            return time.perf_counter() - began


async def _ours(connection: asyncpg.Connection, number: int) -> float:
    """Seconds from an instant at which ten thousand are due until the last of them is committed."""
    await connection.execute(_PENDING, f"ours {number} ", timedelta(seconds=3), timedelta(0), _DUE)
    due: datetime = await connection.fetchval("SELECT due_at FROM timer WHERE key = $1", f"ours {number} 1")
    while await connection.fetchval(_LEFT):
        await asyncio.sleep(0.02)
    gone: timedelta = await connection.fetchval("SELECT clock_timestamp() - $1::timestamptz", due)
    return gone.total_seconds()


async def _quiet(running: Servers, connection: asyncpg.Connection, what: str, many: int) -> list[float]:
    """How many seconds late each was of timers that are set one at a time, a moment or some seconds ahead."""
    settings = Settings(
        _env_file=None,
        database_url=running.database_url,
        valkey_url=running.valkey_url,
        database_connections=2,
    )
    chance = random.Random(7)
    async with open_process(settings) as process:
        for number in range(many):
            due = process.clock.now() + timedelta(seconds=chance.uniform(0.05, 4))
            async with process.works.begin() as work:
                await schedule(work, process.waker, "bench", f"{what} {number}", due, {})
            await asyncio.sleep(0.1)
        while await connection.fetchval(_LEFT):
            await asyncio.sleep(0.05)
    return [row["late"] for row in await connection.fetch(_LATE, what)]


async def _measure(running: Servers, *, quick: bool) -> list[Figure]:
    pending, rounds, few = (100_000, 1, 60) if quick else (1_000_000, _ROUNDS, 300)
    arguments: dict[str, Any] = asyncpg_arguments(running.database_url)
    connection = await asyncpg.connect(**arguments, command_timeout=600)
    await connection.execute("CREATE TABLE effect (id bigserial PRIMARY KEY, key text NOT NULL)")
    await connection.execute(_PENDING, "later ", timedelta(hours=1), timedelta(seconds=30), pending)
    await connection.execute("VACUUM ANALYZE timer")
    bare = median([await _bare(connection, number) for number in range(rounds)])
    with _worker(running):
        # One that is due shows that it runs.
        await _ours(connection, -1)
        ours = median([await _ours(connection, number) for number in range(rounds)])
        woken = await _quiet(running, connection, "woken", few)
        running.valkey.stop(5.0)
        swept = await _quiet(running, connection, "swept", few)
    written = await connection.fetchval("SELECT count(*) FROM effect")
    await connection.close()
    if written != _DUE * (2 * rounds + 1) + 2 * few:
        raise RuntimeError(f"{written} rows were written")
    what = f"{_DUE:,} due in one instant, {pending:,} pending"
    return [
        at_most(what, ours, 20, unit="s", peer=f"bare SQL {bare:.2f} s"),
        Figure("the same, beside bare SQL", round(ours / bare, 2), "x", peer=f"bare SQL {bare:.2f} s"),
        at_most("lateness when quiet, p99", quantiles(woken, n=100)[98], 1, unit="s"),
        Figure("lateness when quiet, median", round(median(woken), 3), "s"),
        at_most("lateness when quiet, p99, Valkey away", quantiles(swept, n=100)[98], 1, unit="s"),
        Figure("lateness when quiet, median, Valkey away", round(median(swept), 3), "s"),
    ]


def main() -> None:
    """Run and print."""
    wanted = options(__doc__ or "")
    use_load_core()
    # That a wake-up failed while Valkey is away is what is measured.
    configure_logging("ERROR", service="bench")
    with database() as running:
        figures = asyncio.run(_measure(running, quick=wanted.quick))
    report("Timers", figures, wanted)


if __name__ == "__main__":
    main()
