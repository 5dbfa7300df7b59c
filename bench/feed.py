"""The feed of a home beside raw SQL and the ORM, and as data grows: `python -m bench.feed [--quick] [--json]`.

Twelve posts with six photos in three sizes each. The measured server has one core; PostgreSQL and the load share the
other. Every case runs in each of three rounds; compared are medians of answers a second of the server's own CPU, which
what else runs on this machine does not change. Then the same questions go to an estate of 1,000 homes and to one of
100,000 (10,000 when quick, 1,000,000 with `--large`), in turns on one connection each; the figure is the median time.
"""

import asyncio
import sys
from contextlib import ExitStack
from statistics import median
from uuid import UUID

import uvloop

from backend.prepare import prepare
from bench.estate import MINE, People, fill
from bench.growing import Questions, growing, new_database
from bench.harness import (
    OURS,
    Figure,
    Measured,
    Options,
    at_least,
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
            url = loop.run(new_database(running.database_url, f"bench_{size}"))
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
        asked = {
            size: (servers[size].port, _questions(loop, servers[size].port, people))
            for size, (_, people) in estates.items()
        }
        figures += growing(loop, asked, 50 if wanted.quick else 300)
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


def _questions(loop: asyncio.Runner, port: int, people: People) -> Questions:
    feed = f"/v1/ownerships/{_waiting()[5]}/posts"
    mine = request(feed, people.owner)
    held = {"if-none-match": answer(loop, port, mine)[0]["etag"]}
    return {
        "feed": (mine, "200"),
        "feed, unchanged": (request(feed, people.owner | held), "304"),
        "viewpoints": (request(f"/v1/projects/{people.project_id}/viewpoints", people.owner), "200"),
    }


if __name__ == "__main__":
    main()
