"""Opening tickets, fifty a second: `python -m bench.tickets [--quick] [--json]`.

The measured server has one core; PostgreSQL, which waits for the disk, and the load share the other. Reports go out on
a fixed schedule whether or not the one before was answered, each for another home, so that what waits shows in the
figure. Every one has its entry, its engineer, its cover, its clocks with their timers, and its notices when it is
answered. How many statements that takes is held by a test; the processor it takes of the server is what else runs on
this machine changes least.
"""

import asyncio
import time
from contextlib import ExitStack
from uuid import UUID

import asyncpg
import httpx
import uvloop

from backend.core.ids import new_id
from backend.db.url import asyncpg_arguments
from bench.estate import MINE, People, fill
from bench.harness import (
    OURS,
    Figure,
    Measured,
    Options,
    at_most,
    database,
    environment,
    measured,
    options,
    report,
    use_load_core,
)
from bench.journeys import fill_journeys

_A_SECOND = 50
_LIMIT_MS = 50.0
_HOMES = 1_000
_WARM, _AT_ONCE = 100, 20


def main() -> None:
    """Run and print."""
    wanted = options(__doc__ or "")
    use_load_core()
    with (
        database(durable=True) as running,
        ExitStack() as stack,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop,
    ):
        url = running.database_url
        people = loop.run(fill(url, _HOMES))
        loop.run(fill_journeys(url))
        loop.run(_engineers(url))
        server = stack.enter_context(measured(OURS, environment(running, url)))
        figures = loop.run(_measure(server, people, wanted))
    report("Tickets", figures, wanted)


async def _engineers(url: str) -> None:
    """Six repair engineers at the company, of two trades."""
    connection = await asyncpg.connect(**asyncpg_arguments(url))
    try:
        root = await connection.fetchval("SELECT id FROM node WHERE kind = 'company'")
        for number in range(6):
            id_ = new_id()
            await connection.execute(
                "INSERT INTO account (id, kind, name, employee_no) VALUES ($1, 'staff', $2, $3)",
                id_,
                f"工程师{number}",
                f"RE{number}",
            )
            await connection.execute(
                "INSERT INTO position (id, account_id, role, node_id, trades, since)"
                " VALUES ($1, $2, 'repair_engineer', $3, $4, '2020-01-01')",
                new_id(),
                id_,
                root,
                ["plumbing" if number % 2 else "electrical"],
            )
    finally:
        await connection.close()


async def _measure(server: Measured, people: People, wanted: Options) -> list[Figure]:
    count = _A_SECOND * (10 if wanted.quick else 40)
    homes = [str(UUID(f"00000002-0000-7000-8000-{number:012x}")) for number in range(MINE)]
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{server.port}/v1", headers=people.owner, timeout=30
    ) as client:

        async def opens(number: int) -> float:
            began = time.perf_counter()
            answer = await client.post(
                "/tickets",
                json={
                    "ownership_id": homes[number % len(homes)],
                    "place": f"厨房{number}",
                    "component": "pipes",
                    "description": "水槽下面在漏水",
                },
            )
            if answer.status_code != 201:
                raise RuntimeError(f"a report was answered {answer.status_code}: {answer.text[:300]}")
            return (time.perf_counter() - began) * 1000

        # Together, so that the server has all the connections it will use: the first statements on each cost the most.
        for first in range(0, _WARM, _AT_ONCE):
            await asyncio.gather(*(opens(first + number) for number in range(_AT_ONCE)))
        start, tasks, used = time.perf_counter(), [], server.busy()
        for number in range(count):
            await asyncio.sleep(max(0.0, start + number / _A_SECOND - time.perf_counter()))
            tasks.append(asyncio.create_task(opens(number)))
        took = sorted(await asyncio.gather(*tasks))
        used = server.busy() - used
    return [
        Figure(f"opening a ticket at {_A_SECOND}/s, median", round(took[len(took) // 2], 1), "ms"),
        Figure("the server's CPU for an opening", round(used / count * 1000, 2), "ms"),
        at_most(f"opening a ticket at {_A_SECOND}/s, p99", took[int(len(took) * 0.99)], _LIMIT_MS, unit="ms"),
    ]


if __name__ == "__main__":
    main()
