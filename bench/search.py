"""What reads cost as data grows: `python -m bench.search [--quick] [--json]`.

The same questions to an estate of 1,000 homes and to one of 1,000,000 (100,000 when quick), one after the other on one
connection each, in turns; the figure is the median time.
"""

import asyncio
import time
from contextlib import ExitStack
from statistics import median
from urllib.parse import quote

import asyncpg
import uvloop
from sqlalchemy.engine import make_url

from backend.db.url import asyncpg_arguments
from backend.prepare import prepare
from bench.estate import People, fill
from bench.harness import Figure, at_most, database, environment, options, report, serving, use_load_core
from bench.load import answer, request

_FEW = 1_000
_WARM = 20
_LIMIT = 1.5


def _questions(people: People) -> dict[str, bytes]:
    homes = f"/v1/projects/{people.project_id}/homes"
    asked = {
        "room 1-1-1502": "1-1-1502",
        "room 1502": "1502",
        "name": people.neighbour_name,
        "phone": people.neighbour_phone,
        "a phone's end": people.neighbour_phone[-4:],
    }
    return {
        **{
            f"search by {what}": request(f"{homes}?q={quote(typed)}", people.staff)
            for what, typed in asked.items()
        },
        "list of a project's homes": request(homes, people.staff),
        "GET /v1/me/homes": request("/v1/me/homes", people.owner),
    }


async def _new_database(database_url: str, name: str) -> str:
    connection = await asyncpg.connect(**asyncpg_arguments(database_url) | {"database": "postgres"})
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return make_url(database_url).set(database=name).render_as_string(hide_password=False)


def main() -> None:
    """Run and print."""
    wanted = options(__doc__ or "")
    use_load_core()
    sizes = (_FEW, 100_000 if wanted.quick else 1_000_000)
    repeats = 100 if wanted.quick else 300
    times: dict[tuple[str, int], list[float]] = {}
    with (
        database() as running,
        ExitStack() as stack,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop,
    ):
        asked: dict[int, tuple[int, dict[str, bytes]]] = {}
        for size in sizes:
            url = loop.run(_new_database(running.database_url, f"bench_{size}"))
            prepare(url)
            people = loop.run(fill(url, size))
            port = stack.enter_context(serving(["backend", "api"], environment(running, url)))
            asked[size] = port, _questions(people)
        for number in range(_WARM + repeats):
            for size, (port, questions) in asked.items():
                for what, question in questions.items():
                    started = time.perf_counter()
                    headers, body = answer(loop, port, question)
                    if headers["status"] != "200" or b'"items":[]' in body:
                        raise RuntimeError(f"{what}: {headers['status']} {body[:300]!r}")
                    if number >= _WARM:
                        times.setdefault((what, size), []).append((time.perf_counter() - started) * 1000)
    few, many = sizes
    middle = {key: median(taken) for key, taken in times.items()}
    figures = [
        Figure(f"{what}, {size:,} homes", round(value, 2), "ms") for (what, size), value in middle.items()
    ]
    figures += [
        at_most(
            f"{what}, {many:,} homes",
            middle[what, many] / middle[what, few],
            _LIMIT,
            unit="x",
            peer=f"{few:,} homes",
        )
        for what in asked[few][1]
    ]
    report("As data grows", figures, wanted)


if __name__ == "__main__":
    main()
