"""Clocks of tickets that are due in one instant: `python -m bench.ticket_clocks [--quick] [--json]`.

Ten thousand (a tenth when quick) are found late at once: each says so on its ticket's thread and tells its engineer,
250 of them with 40 tickets each. One worker on one core, PostgreSQL on the other. What is measured ends when the last
is committed. Whom a chain calls then is measured by `bench.chain`.
"""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from os import sched_setaffinity

import asyncpg

from backend.db.url import asyncpg_arguments
from backend.platform.embedded import Servers, children
from bench.estate import fill
from bench.harness import (
    ROOT,
    Figure,
    Measured,
    at_most,
    cores,
    database,
    environment,
    options,
    report,
    use_load_core,
)
from bench.repairs import fill_repairs

_HOMES = 25_000
_LIMIT = 20.0
_AHEAD = timedelta(seconds=15)
_STARTS_SECONDS = 8

_DUE = "UPDATE ticket_clock SET due_at = $1, first_promise = $1 WHERE state = 'running'"
_TIMERS = """INSERT INTO timer (id, kind, key, due_at, next_try_at, payload)
    SELECT gen_random_uuid(), 'ticket_clock', id, due_at, due_at, jsonb_build_object('clock', id)
    FROM ticket_clock WHERE state = 'running'"""
_LEFT = "SELECT count(*) FROM ticket_clock WHERE state = 'running'"
_SAID = """SELECT (SELECT count(*) FROM entry WHERE kind = 'clock_late') AS lines,
    (SELECT count(*) FROM notice) AS notices"""


@contextmanager
def _worker(running: Servers) -> Iterator[Measured]:
    """`tongxing worker` on the core that nothing else of ours uses."""
    child = children.spawn(
        [sys.executable, "-m", "backend", "worker"],
        death_signal=signal.SIGKILL,
        output=subprocess.DEVNULL,
        env=environment(running) | {"TONGXING_MODE": "development"},
        cwd=ROOT,
    )
    sched_setaffinity(child.pid, {cores()[0]})
    try:
        time.sleep(_STARTS_SECONDS)
        yield Measured(0, child.pid)
    finally:
        children.stop(child, signal.SIGKILL, 5.0)


async def _until_done(connection: asyncpg.Connection, due: datetime) -> float:
    """Seconds from that instant until none of them runs any more."""
    while True:
        left = await connection.fetchval(_LEFT)
        gone: timedelta = await connection.fetchval("SELECT clock_timestamp() - $1::timestamptz", due)
        if not left:
            return gone.total_seconds()
        await asyncio.sleep(0.1)


async def _measure(running: Servers, *, quick: bool) -> list[Figure]:
    url = running.database_url
    await fill(url, _HOMES // 10 if quick else _HOMES)
    await fill_repairs(url)
    connection = await asyncpg.connect(**asyncpg_arguments(url) | {"user": "postgres"}, command_timeout=600)
    await connection.execute("SET session_replication_role = replica")
    due: datetime = await connection.fetchval("SELECT now() + $1::interval", _AHEAD)
    await connection.execute(_DUE, due)
    await connection.execute(_TIMERS)
    await connection.execute("VACUUM ANALYZE timer, ticket_clock")
    many = await connection.fetchval(_LEFT)
    with _worker(running) as worker:
        wait: timedelta = await connection.fetchval("SELECT $1::timestamptz - clock_timestamp()", due)
        if wait < timedelta(0):
            raise RuntimeError("they were due before the worker stood")
        await asyncio.sleep(wait.total_seconds() - 0.1)
        used = worker.busy()
        gone = await _until_done(connection, due)
        used = worker.busy() - used
    lines, notices = await connection.fetchrow(_SAID)
    await connection.close()
    if lines != many:
        raise RuntimeError(f"{lines} lines of {many}")
    return [
        at_most(f"{many:,} clocks late in one instant", gone, _LIMIT, unit="s"),
        Figure("the worker's CPU for one", round(used / many * 1000, 2), "ms"),
        Figure("notices", notices, "written"),
    ]


def main() -> None:
    """Run and print."""
    wanted = options(__doc__ or "")
    use_load_core()
    with database() as running:
        figures = asyncio.run(_measure(running, quick=wanted.quick))
    report("Clocks of tickets", figures, wanted)


if __name__ == "__main__":
    main()
