"""Chains that go on at nine on the first working day after a holiday: `python -m bench.chain [--quick] [--json]`.

Ten thousand clocks of a hundred projects that count working time reached their last quarter over New Year: all their
chains are due in the instant in which the shifts begin, spread over the five steps. Each calls whoever is on duty then,
writes its line and sets its next step; the calls go out in bundles. One worker on one core, PostgreSQL on the other.
It has gone on when that is committed; a bundle that came too late for the first call of its person waits for the minute
that follows it. Then chains come one at a time.
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
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import asyncpg

from backend.core.clock import local_date
from backend.core.config import Settings
from backend.core.ids import new_id
from backend.core.logging import configure_logging
from backend.db.url import asyncpg_arguments
from backend.features.escalation.service import Danger, start
from backend.features.standard.service import standard_for
from backend.platform.calendar import (
    Calendar,
    add_working,
    add_working_days,
    calendar_of,
    set_hours_from_words,
)
from backend.platform.embedded import Servers, children
from backend.platform.process import Process, open_process
from backend.platform.shift import advance
from backend.platform.threads import open_threads
from backend.platform.tree import add_node, root_node
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

_CHAINS = 10_000
_PROJECTS = 100
_FEW = 60
_AHEAD = timedelta(seconds=12)
_STARTS_SECONDS = 8
_RULE = {"kind": "working_days", "value": 2}

_AT_A_PROJECT = {"hotline_agent": 3, "project_engineer": 2}
_AT_THE_COMPANY = {"complaint_specialist": 4, "head_of_customer_relations": 1, "leader_in_charge": 1}

_STAFF = """WITH who AS (INSERT INTO account (id, kind, name, employee_no, phone)
    VALUES ($1, 'staff', '员工' || $2, $2, '+86137' || lpad($2, 8, '0')) RETURNING id),
    holds AS (INSERT INTO position (id, account_id, role, node_id, since)
    SELECT $3, id, $4, $5, '2020-01-01' FROM who RETURNING id),
    plan AS (INSERT INTO roster_plan (position_id, number, reason, set_at) SELECT id, 1, '排班', now() FROM holds
    RETURNING position_id)
    INSERT INTO roster_shift (position_id, number, place, weekdays, opens, closes)
    SELECT position_id, 1, 0, '{1,2,3,4,5,6,7}', 540, 1080 FROM plan"""
_DUE = "SELECT count(*) FROM escalation WHERE next_at <= $1"
_WAITING = "SELECT count(*) FROM page WHERE state = 'waiting' AND due_at >= $1"
_LATE = (
    "SELECT extract(epoch FROM rung_at - due_at)::float8 AS late FROM page WHERE due_at >= $1 AND due_at < $2"
)
_COUNTS = """SELECT (SELECT count(*) FROM page) AS pages, (SELECT count(*) FROM page_bundle) AS bundles,
    (SELECT count(*) FROM entry WHERE kind = 'step_called') AS lines"""


def main() -> None:
    """Run and print."""
    wanted = options(__doc__ or "")
    use_load_core()
    configure_logging("ERROR", service="bench")
    with database() as running:
        figures = asyncio.run(_measure(running, quick=wanted.quick))
    report("Chains", figures, wanted)


async def _measure(running: Servers, *, quick: bool) -> list[Figure]:
    many, few = (_CHAINS // 5, _FEW // 3) if quick else (_CHAINS, _FEW)
    settings = Settings(
        _env_file=None,
        mode="development",
        database_url=running.database_url,
        valkey_url=running.valkey_url,
        database_connections=2,
    )
    arguments: dict[str, Any] = asyncpg_arguments(running.database_url)
    connection = await asyncpg.connect(**arguments, command_timeout=600)
    async with open_process(settings) as process:
        projects = await _company(process, connection)
        nine, calendar = await _nine(process, projects[0])
        dangers = await _dangers(process, projects, nine, calendar, many)
        for some in range(0, many, 500):
            async with process.works.begin() as work:
                await start(work, process.waker, dangers[some : some + 500])
        await connection.execute("VACUUM ANALYZE")
        with _worker(running) as worker:
            async with process.works.begin() as work:
                present: datetime = await connection.fetchval("SELECT app_now()")
                await advance(work, process.signals, nine - _AHEAD - present)
            before = worker.busy()
            took = await _until_none(connection, _DUE, nine)
            rung = await _until_none(connection, _WAITING, nine)
            busy = worker.busy() - before
            burst = [row["late"] for row in await connection.fetch(_LATE, nine, nine + timedelta(seconds=1))]
            counts = await connection.fetchrow(_COUNTS)
            async with process.works.begin() as work:
                # Nobody rings within a minute of the call before.
                await advance(work, process.signals, timedelta(minutes=2))
            quiet = await _quiet(process, connection, projects, calendar, few)
    await connection.close()
    made = f"{counts['pages']:,} pages, {counts['lines']:,} lines, {counts['bundles']} bundles"
    return [
        at_most(f"{many:,} chains due at nine, all gone on", took, 20, unit="s", peer=made),
        Figure("the last page has rung", round(rung, 2), "s"),
        Figure("processor time of the worker for them", round(busy, 1), "s"),
        Figure("lateness of pages then, p99", round(quantiles(burst, n=100)[98], 2), "s"),
        Figure("lateness of pages then, median", round(median(burst), 2), "s"),
        at_most("lateness when quiet, p99", quantiles(quiet, n=100)[98], 1, unit="s"),
        Figure("lateness when quiet, median", round(median(quiet), 3), "s"),
    ]


async def _company(process: Process, connection: asyncpg.Connection) -> list[UUID]:
    """Projects in ten regions, each with its people, on shift from nine to six."""
    projects = []
    async with process.works.begin() as work:
        root = await root_node(work)
        await set_hours_from_words(work, process.clocks, root.id, "周一至周五 9:00-18:00", actor=None)
        regions = [
            await add_node(work, root, "region", name=f"区域{one}", key=f"r{one}") for one in range(10)
        ]
        for one in range(_PROJECTS):
            node = await add_node(work, regions[one % 10], "project", name=f"朗润园{one}", key=f"p{one}")
            projects.append(node.id)
    number = 0
    for node_id, roles in [(root.id, _AT_THE_COMPANY), *((one, _AT_A_PROJECT) for one in projects)]:
        for role, count in roles.items():
            for _ in range(count):
                number += 1
                await connection.execute(_STAFF, new_id(), str(number), new_id(), role, node_id)
    return projects


async def _nine(process: Process, project: UUID) -> tuple[datetime, Calendar]:
    """When the first working day after the next New Year's begins."""
    async with process.works.begin() as work:
        calendar = await calendar_of(work, project)
    year = local_date(process.clock.now()).year + 1
    eve = datetime(year, 1, 1, 12, tzinfo=calendar.zone)
    return add_working(calendar, eve, timedelta(hours=1)).moment - timedelta(hours=1), calendar


async def _dangers(
    process: Process, projects: list[UUID], first: datetime, calendar: Calendar, many: int
) -> list[Danger]:
    begins = first - timedelta(days=5)
    due = add_working_days(calendar, begins, 2).moment
    async with process.works.begin() as work:
        version = (await standard_for(work, projects[0], local_date(process.clock.now()))).version_id
        subjects = [new_id() for _ in range(many)]
        threads = await open_threads(work, "case", subjects)
    return [
        Danger(
            new_id(),
            "C3",
            "case",
            subject,
            f"G{first.year}-{number:06}",
            threads[subject],
            projects[number % len(projects)],
            version,
            begins,
            due,
            _RULE,
            first,
            category="works",
            from_step=number // len(projects) % 5,
        )
        for number, subject in enumerate(subjects)
    ]


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


async def _until_none(connection: asyncpg.Connection, left_sql: str, since: datetime) -> float:
    """Seconds from a moment on until none is left."""
    while True:
        left = await connection.fetchval(left_sql, since)
        gone: timedelta = await connection.fetchval("SELECT app_moment() - $1::timestamptz", since)
        if not left:
            return gone.total_seconds()
        await asyncio.sleep(0.1)


async def _quiet(
    process: Process, connection: asyncpg.Connection, projects: list[UUID], calendar: Calendar, few: int
) -> list[float]:
    """How many seconds late each person is called by chains that come one at a time, each at another project."""
    late = []
    for number in range(few):
        present: datetime = await connection.fetchval("SELECT app_moment()")
        first = present + timedelta(milliseconds=700)
        place = projects[number % len(projects)]
        [danger] = await _dangers(process, [place], first, calendar, 1)
        async with process.works.begin() as work:
            await start(work, process.waker, [danger])
        await _until_none(connection, _DUE, first)
        await _until_none(connection, _WAITING, first)
        late += [
            row["late"] for row in await connection.fetch(_LATE, first, first + timedelta(milliseconds=1))
        ]
    return late


if __name__ == "__main__":
    main()
