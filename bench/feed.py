"""The feed of a home beside raw SQL and the ORM, and as data grows: `python -m bench.feed [--quick] [--json]`.

Twelve posts with six photos in three sizes each. The measured server has one core; PostgreSQL and the load share the
other. Every case runs in each of three rounds; compared are medians of answers a second of the server's own CPU, which
what else runs on this machine does not change. Then the same questions go to an estate of 1,000 homes and to one of
100,000 (10,000 when quick, 1,000,000 with `--large`), in turns on one connection each; the figure is the median time.
"""

import asyncio
import sys
import time
from contextlib import ExitStack
from statistics import median
from uuid import UUID

import asyncpg
import uvloop
from sqlalchemy.engine import make_url

from backend.db.url import asyncpg_arguments
from backend.prepare import prepare
from bench.estate import MINE, People, fill
from bench.harness import (
    OURS,
    Figure,
    Measured,
    Options,
    at_least,
    at_most,
    database,
    environment,
    measured,
    options,
    report,
    use_load_core,
)
from bench.journeys import fill_journeys
from bench.load import answer, rates, request
from bench.posts import PHOTOS, POSTS, fill_posts

_ROUNDS = 3
_FEW = 1_000
_WARM = 20
_GROWS = 1.5


def main() -> None:
    """Run and print."""
    wanted = options(__doc__ or "", large="grow to 1,000,000 homes; takes some minutes")
    use_load_core()
    many = 1_000_000 if wanted.large else 10_000 if wanted.quick else 100_000
    with (
        database() as running,
        ExitStack() as stack,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop,
    ):
        estates: dict[int, tuple[str, People]] = {}
        for size in (_FEW, many):
            url = loop.run(_new_database(running.database_url, f"bench_{size}"))
            prepare(url)
            estates[size] = url, loop.run(fill(url, size))
            loop.run(fill_journeys(url))
            loop.run(fill_posts(url))
        servers = {
            size: stack.enter_context(measured(OURS, environment(running, url)))
            for size, (url, _) in estates.items()
        }
        url, people = estates[_FEW]
        with ExitStack() as beside:
            peers = {
                name: beside.enter_context(
                    measured([sys.executable, "-m", "bench.feed_peers", name], environment(running, url))
                )
                for name in ("raw", "orm")
            }
            figures = _beside(loop, servers[_FEW], peers, people, wanted)
        ports = {size: (servers[size].port, people) for size, (_, people) in estates.items()}
        figures += _growing(loop, ports, wanted)
    report("The feed of a home", figures, wanted)


def _waiting() -> list[UUID]:
    """The homes of the owner who asks, as `bench.estate` numbers them, of those in step 3."""
    return [UUID(f"00000002-0000-7000-8000-{number:012x}") for number in range(MINE) if number % 4]


def _beside(
    loop: asyncio.Runner, ours: Measured, peers: dict[str, Measured], people: People, wanted: Options
) -> list[Figure]:
    seconds = 0.7 if wanted.quick else 4.0
    mine = [request(f"/v1/ownerships/{one}/posts", people.owner) for one in _waiting()]
    same = [request(f"/{people.account_id}/{one}") for one in _waiting()]
    unchanged = [
        request(
            f"/v1/ownerships/{one}/posts",
            people.owner | {"if-none-match": answer(loop, ours.port, asked)[0]["etag"]},
        )
        for one, asked in zip(_waiting(), mine, strict=True)
    ]
    said = {"ours": answer(loop, ours.port, mine[0])[1]} | {
        name: answer(loop, server.port, same[0])[1] for name, server in peers.items()
    }
    for name, body in said.items():
        if (body.count(b'"must_confirm"'), body.count(b'"viewpoint"')) != (POSTS, POSTS * PHOTOS):
            raise RuntimeError(f"{name} says something else: {body[:500]!r}")
    cases = {
        "ours": ("GET /v1/ownerships/{id}/posts", ours, mine, 200),
        "ours-304": ("the same, unchanged (304)", ours, unchanged, 304),
        "raw": ("raw asyncpg and orjson, the same posts", peers["raw"], same, 200),
        "orm": ("FastAPI + ORM + response_model, the same posts", peers["orm"], same, 200),
    }
    rounds = [
        {
            name: rates(loop, server, asked, seconds, status)
            for name, (_, server, asked, status) in cases.items()
        }
        for _ in range(_ROUNDS)
    ]
    figures = [
        Figure(what, round(median(one[name][0] for one in rounds)), "req/s")
        for name, (what, *_) in cases.items()
    ]
    per_cpu = {name: median(one[name][1] for one in rounds) for name in cases}
    figures += [
        Figure(f"a second of CPU: {what}", round(per_cpu[name]), "req") for name, (what, *_) in cases.items()
    ]
    figures += [Figure(f"JSON, {name}", len(body), "bytes") for name, body in said.items()]
    compared = [
        ("ours", "raw", 0.8),
        ("ours", "orm", 4.0),
        ("ours-304", "ours", 2.0),
        ("ours-304", "raw", 2.0),
    ]
    return figures + [
        at_least(cases[what][0], per_cpu[what] / per_cpu[peer], limit, peer=cases[peer][0])
        for what, peer, limit in compared
    ]


def _growing(loop: asyncio.Runner, estates: dict[int, tuple[int, People]], wanted: Options) -> list[Figure]:
    repeats = 50 if wanted.quick else 300
    asked = {size: _questions(loop, port, people) for size, (port, people) in estates.items()}
    times: dict[tuple[str, int], list[float]] = {}
    for number in range(_WARM + repeats):
        for size, (port, _) in estates.items():
            for what, (question, status) in asked[size].items():
                started = time.perf_counter()
                headers, body = answer(loop, port, question)
                taken = time.perf_counter() - started
                if headers["status"] != status or b'"items":[]' in body:
                    raise RuntimeError(f"{what}: {headers['status']} {body[:300]!r}")
                if number >= _WARM:
                    times.setdefault((what, size), []).append(taken * 1000)
    middle = {key: median(taken) for key, taken in times.items()}
    few, many = estates
    return [
        *(Figure(f"{what}, {size:,} homes", round(value, 2), "ms") for (what, size), value in middle.items()),
        *(
            at_most(f"{what}, {many:,} homes", middle[what, many] / middle[what, few], _GROWS, unit="x",
                    peer=f"{few:,} homes")
            for what in asked[few]
        ),
    ]  # fmt: skip


def _questions(loop: asyncio.Runner, port: int, people: People) -> dict[str, tuple[bytes, str]]:
    feed = f"/v1/ownerships/{_waiting()[5]}/posts"
    mine = request(feed, people.owner)
    held = {"if-none-match": answer(loop, port, mine)[0]["etag"]}
    return {
        "feed": (mine, "200"),
        "feed, unchanged": (request(feed, people.owner | held), "304"),
        "viewpoints": (request(f"/v1/projects/{people.project_id}/viewpoints", people.owner), "200"),
    }


async def _new_database(database_url: str, name: str) -> str:
    connection = await asyncpg.connect(**asyncpg_arguments(database_url) | {"database": "postgres"})
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return make_url(database_url).set(database=name).render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
