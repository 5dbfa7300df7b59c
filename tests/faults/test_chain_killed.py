"""The hotline's clocks and its chain on a bad week, beside a reference that is slow and obvious.

Over the weeks of National Day or Spring Festival, in moved time, cases come in and are handled or are not, and people
answer their pages or do not. Meanwhile three workers are killed at their commits, one of them with a clock that is an
hour ahead, another's an hour behind; Valkey is wiped and stopped, and PostgreSQL is killed in mid-batch. Every page
due must be made, once, to the right person and not before its time; every chain ends by an act or rings still; every
clock's due time and end agrees to the second. In the suite it is sixteen cases; all five hundred, over both, are

    CHAIN=full CHAIN_SEED=7 .venv/bin/pytest -n0 -s tests/faults/test_chain_killed.py
"""

import asyncio
import os
import random
import re
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.core.config import Settings
from backend.platform.embedded import Servers
from backend.platform.process import Process
from tests.faults.chain_town import HOLIDAYS, Done, Town, first_monday, on_duty
from tests.faults.reference_chain import (
    Call,
    Promise,
    Watch,
    beijing,
    calls,
    completed,
    dispatched,
    first_contact,
    replied,
    visited,
)
from tests.fixtures.estate import Estate, project_of
from tests.fixtures.people import header_for
from tests.fixtures.process import Forward
from tests.fixtures.started import Started, with_a_wrong_clock
from tests.flows.waiting import until

FULL: Final = os.environ.get("CHAIN") == "full"
SEED: Final = int(os.environ.get("CHAIN_SEED", "7"))
CASES: Final = 250 if FULL else 16
LONGEST_HOURS: Final = 6.0 if FULL else 40.0
"""The clock is moved by up to so much at a time."""
WINDOWS: Final = tuple(HOLIDAYS) if FULL else ("national",)
ENDS: Final = {"C1": "dispatch", "C2": "contact", "C3": "propose", "C4": "finish", "C5": "visit"}
"""Which act ends which clock."""

_PROGRAM = with_a_wrong_clock("tests.faults.doomed_workers")
# A chain that somebody holds at this moment is looked at again a quarter of a second later.
_DUE = (
    "SELECT count(*) FROM timer WHERE state = 'pending' AND due_at <= app_now() + interval '1 second'"
    " AND kind IN ('case_clock', 'escalation_step')"
)
_PAGES = "SELECT p.*, e.clock_id FROM page p JOIN escalation e ON e.id = p.escalation_id ORDER BY p.due_at, p.round"

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def ask(process: Process) -> Ask:
    """The rows of a query; while the database is away, it is asked again."""

    async def rows(sql: str, **values: Any) -> Any:
        async def found() -> list[Any] | None:
            try:
                async with process.works.begin() as work:
                    return list(await work.execute(text(sql), values))
            except (DBAPIError, OSError):
                return None

        return await until(found, seconds=60)

    return rows


@pytest.mark.timeout(3600 if FULL else 300)
@pytest.mark.parametrize("window", WINDOWS)
async def test_every_call_is_made_once_and_in_time(
    own_servers: Servers,
    start: Callable[..., Started],
    settings: Settings,
    process: Process,
    client: AsyncClient,
    estate: Estate,
    forward: Forward,
    ask: Ask,
    window: str,
) -> None:
    assert (await estate()).written
    opens, near = HOLIDAYS[window]
    monday = first_monday(*near, process.clock.now())
    await forward(beijing(monday, 7) - process.clock.now())
    chance = random.Random(f"{SEED} {window}")
    town = Town(process, settings, client, chance, await project_of(process), monday, opens)
    await town.settle()
    jumps = list[datetime]()
    workers = start(
        _PROGRAM,
        env={
            "TONGXING_DATABASE_URL": own_servers.database_url,
            "TONGXING_VALKEY_URL": own_servers.valkey_url,
            "DOOM_SEED": f"{SEED} {window}",
            "DOOM_SHARE": "0.04",
        },
    )
    end = beijing(monday, 7) + timedelta(days=len(opens) - 2)
    while (now := process.clock.now()) < end:
        left = CASES - len(town.cases)
        if left and now < end - timedelta(days=6):
            await town.open(min(left, 1 + chance.randrange(2 * CASES // 16)))
        by = timedelta(hours=chance.uniform(0.5, LONGEST_HOURS), seconds=chance.uniform(1, 59))
        jumps.append(process.clock.now() + by)
        await forward(by)
        await _disturb(own_servers, chance)
        await until(lambda: _drained(ask), seconds=90)
        await town.sign_in()
        await town.act(process.clock.now())
        await _answer(town, ask)
    workers.process.send_signal(signal.SIGUSR1)
    await until(lambda: _drained(ask), seconds=90)
    assert len(town.cases) > CASES // 2
    await _compare(town, ask, process.clock.now())
    await _rings_on(ask)
    killed = Counter(re.findall(r'"boundary":"([^"]+)"', workers.said))
    assert killed, workers.said[-2000:]
    late = await _lateness(ask, jumps)
    sys.stdout.write(f"\n{window}: {len(town.cases)} cases; killed: {dict(killed)}; made late by: {late}\n")


async def _drained(ask: Ask) -> bool | None:
    return (await ask(_DUE))[0][0] == 0 or None


async def _disturb(own: Servers, chance: random.Random) -> None:
    """Now and then, at the moment at which everything has come due."""
    match chance.random():
        case draw if draw < 0.1:
            async with Redis.from_url(own.valkey_url) as valkey:
                await valkey.flushall()
        case draw if draw < 0.2:
            os.kill(own.valkey.pid, signal.SIGKILL)
            await until(lambda: _ended(own.valkey))
            await asyncio.sleep(0)
            own.valkey.start()
        case draw if draw < 0.3:
            os.kill(own.postgres.pid, signal.SIGKILL)
            await until(lambda: _ended(own.postgres))
            await asyncio.to_thread(own.postgres.start)


async def _ended(server: Any) -> bool | None:
    return server.poll() is not None or None


async def _answer(town: Town, ask: Ask) -> None:
    """Some of those who are called say that they have it."""
    for page in await ask(
        "SELECT id, version, account_id, escalation_id FROM page WHERE state = 'ringing' ORDER BY id"
    ):
        if town.chance.random() < 0.85:
            continue
        headers = await header_for(town.process, town.settings, page.account_id)
        path = f"/v1/pages/{page.id}/acknowledge"
        answer = await town.client.post(path, json={"version": page.version}, headers=headers)
        # Another person may have answered the same step a moment ago.
        assert answer.status_code in {200, 409}, answer.text
        if answer.status_code == 200:
            [row] = await ask("SELECT closed_at FROM page WHERE id = :id", id=page.id)
            town.acknowledged.setdefault(page.escalation_id, []).append(row.closed_at)


async def _compare(town: Town, ask: Ask, now: datetime) -> None:
    """Every clock, every chain and every page, against the reference."""
    clocks: dict[UUID, list[Any]] = {}
    for row in await ask("SELECT * FROM case_clock"):
        clocks.setdefault(row.case_id, []).append(row)
    chains = {row.clock_id: row for row in await ask("SELECT * FROM escalation")}
    pages: dict[UUID, list[Any]] = {}
    for row in await ask(_PAGES):
        assert row.made_at >= row.due_at, row
        pages.setdefault(row.clock_id, []).append(row)
    names = {account: who for who, account in town.accounts.items()}
    for one in town.cases:
        for promise in _promised(town, one):
            [clock] = [row for row in clocks[one.id] if row.code == promise.code]
            ended = one.acts.get(ENDS[promise.code])
            _same(clock.due_at, promise.due)
            assert (clock.ended_at is None) == (ended is None), (promise, clock)
            if ended is not None:
                _same(clock.ended_at, ended)
            late = promise.due <= (ended or now)
            expected = ("met_late" if late else "met") if ended else ("breached" if late else "running")
            assert clock.state == expected, (promise, clock)
            called = pages.get(clock.id, [])
            chain = chains.get(clock.id)
            begun = promise.last_warning < min(ended or now, now)
            assert (chain is not None) == begun, (promise, clock, chain)
            if chain is None:
                continue
            made = {row.due_at: row.made_at for row in called}
            watch = Watch(
                _on_duty(one, chain.begun_at),
                _made(made),
                acknowledged=sorted(town.acknowledged.get(chain.id, ())),
                ended=ended,
            )
            wanted = list(calls(promise, watch, now))
            got = [Call(row.step, row.round, row.due_at, names[row.account_id]) for row in called]
            assert _sorted(got) == _sorted(wanted), (promise, clock, chain)
            assert (chain.state == "ended") == (ended is not None), chain


def _on_duty(one: Done, begun: datetime) -> Callable[[str, datetime], Collection[str]]:
    """Who is on duty. While nobody has said what a case is about, nobody is there who answers for such things."""
    known = one.acts.get("dispatch", begun) < begun
    return lambda role, moment: () if role == "project_engineer" and not known else on_duty(role, moment)


def _made(made: dict[datetime, datetime]) -> Callable[[int, datetime], datetime]:
    """When a call of a moment was made: its page knows to the microsecond, the reference reckons to the second."""

    def at(_step: int, due: datetime) -> datetime:
        return next(
            (when for nominal, when in made.items() if abs(nominal - due) < timedelta(seconds=1)), due
        )

    return at


def _sorted(called: list[Call]) -> list[tuple[int, int, int, str]]:
    return sorted((round(one.due.timestamp()), one.step, one.round, one.who) for one in called)


def _promised(town: Town, one: Done) -> list[Promise]:
    days, acts = town.days, one.acts
    promises = [
        dispatched(days, one.received),
        first_contact(days, one.received),
        replied(days, one.received),
    ]
    if one.agreed_until is not None:
        promises.append(completed(acts["accept"], one.agreed_until))
    if "finish" in acts:
        promises.append(visited(acts["finish"]))
    return promises


def _same(one: datetime, other: datetime) -> None:
    assert abs(one - other) < timedelta(seconds=1), (one, other)


async def _rings_on(ask: Ask) -> None:
    """Whatever has not ended goes on by a timer; whatever rang was told once, and what was made late is told."""
    untimed = (
        "SELECT count(*) FROM escalation e WHERE state <> 'ended' AND NOT EXISTS (SELECT FROM timer t"
        " WHERE t.kind = 'escalation_step' AND t.key = e.id::text AND t.state = 'pending')"
    )
    assert (await ask(untimed))[0][0] == 0
    assert (await ask("SELECT count(*) FROM timer WHERE state = 'parked'"))[0][0] == 0
    twice = (
        "SELECT count(*) FROM (SELECT key, account_id FROM notice WHERE kind = 'page' GROUP BY 1, 2"
        " HAVING count(*) > 1) often"
    )
    assert (await ask(twice))[0][0] == 0
    [bundles] = await ask("SELECT count(*) AS many FROM page_bundle")
    [told] = await ask("SELECT count(*) AS many FROM notice WHERE kind = 'page'")
    assert told.many == bundles.many > 0


async def _lateness(ask: Ask, jumps: Sequence[datetime]) -> dict[str, int]:
    """How many pages were made how late: after they were due, or after the clock had been moved past that."""
    rows = await ask("SELECT due_at, made_at FROM page")
    moved = [max((one for one in jumps if one <= row.made_at), default=row.due_at) for row in rows]
    return _histogram(
        [(row.made_at - max(row.due_at, jump)).total_seconds() for row, jump in zip(rows, moved, strict=True)]
    )


def _histogram(seconds: list[float]) -> dict[str, int]:
    found = Counter(
        next((f"<= {top}" for top in (0.1, 1, 5, 20, 60) if one <= top), "> 60") for one in seconds
    )
    return dict(sorted(found.items()))
