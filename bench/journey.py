"""The owner's timeline beside raw SQL and the ORM, and as data grows: `python -m bench.journey [--quick] [--json]`.

The measured server has one core; PostgreSQL and the load share the other. Every case runs in each of three rounds; its
figure is the median. Then the same questions go to an estate of 1,000 homes and to one of 100,000 (10,000 when quick,
1,000,000 with `--large`), in turns on one connection each; the figure is the median time.
"""

import asyncio
from contextlib import ExitStack
from statistics import median
from uuid import UUID

import uvloop

from backend.prepare import prepare
from bench.estate import MINE, People, fill
from bench.growing import Questions, growing, new_database
from bench.harness import (
    Figure,
    Options,
    at_least,
    database,
    environment,
    options,
    report,
    serving,
    use_load_core,
)
from bench.journeys import PROMISES, fill_journeys
from bench.load import answer, rate, request

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
        servers = {
            size: stack.enter_context(serving(["backend", "api"], environment(running, url)))
            for size, (url, _) in estates.items()
        }
        url, people = estates[_FEW]
        env = environment(running, url)
        peers = {
            name: stack.enter_context(serving(["bench.journey_peers", name], env)) for name in ("raw", "orm")
        }
        figures = _beside(loop, servers[_FEW], peers, people, wanted)
        asked = {
            size: (servers[size], _questions(loop, servers[size], people))
            for size, (_, people) in estates.items()
        }
        figures += growing(loop, asked, 100 if wanted.quick else 300)
    report("The owner's timeline", figures, wanted)


def _ownerships() -> list[UUID]:
    """The homes of the owner who asks, as `bench.estate` numbers them."""
    return [UUID(f"00000002-0000-7000-8000-{number:012x}") for number in range(MINE)]


def _beside(
    loop: asyncio.Runner, ours: int, peers: dict[str, int], people: People, wanted: Options
) -> list[Figure]:
    seconds = 1.0 if wanted.quick else 4.0
    mine = [request(f"/v1/ownerships/{one}/journey", people.owner) for one in _ownerships()]
    same = [request(f"/{people.account_id}/{one}") for one in _ownerships()]
    unchanged = [
        request(
            f"/v1/ownerships/{one}/journey",
            people.owner | {"if-none-match": answer(loop, ours, asked)[0]["etag"]},
        )
        for one, asked in zip(_ownerships(), mine, strict=True)
    ]
    sizes = {
        "ours": answer(loop, ours, mine[0])[1],
        **{name: answer(loop, port, same[0])[1] for name, port in peers.items()},
    }
    for name, body in sizes.items():
        if body.count(b'"first_due_on":"2') < PROMISES:
            raise RuntimeError(f"{name} says too little: {body[:500]!r}")
    cases = {
        "ours": ("GET /v1/ownerships/{id}/journey", ours, mine, 200),
        "ours-304": ("the same, unchanged (304)", ours, unchanged, 304),
        "raw": ("raw asyncpg and orjson, the same facts", peers["raw"], same, 200),
        "orm": ("FastAPI + ORM + response_model, the same facts", peers["orm"], same, 200),
    }
    rounds = [
        {name: rate(loop, port, asked, seconds, status) for name, (_, port, asked, status) in cases.items()}
        for _ in range(_ROUNDS)
    ]
    rates = {name: median(one[name] for one in rounds) for name in cases}
    figures = [Figure(what, round(rates[name]), "req/s") for name, (what, *_) in cases.items()]
    figures += [Figure(f"JSON, {name}", len(body), "bytes") for name, body in sizes.items()]
    compared = [
        ("ours", "raw", 0.8),
        ("ours", "orm", 4.0),
        ("ours-304", "ours", 2.0),
        ("ours-304", "raw", 2.0),
    ]
    return figures + [
        at_least(cases[what][0], rates[what] / rates[peer], limit, peer=cases[peer][0])
        for what, peer, limit in compared
    ]


def _questions(loop: asyncio.Runner, port: int, people: People) -> Questions:
    project, journey = f"/v1/projects/{people.project_id}", f"/v1/ownerships/{_ownerships()[7]}/journey"
    mine = request(journey, people.owner)
    held = {"if-none-match": answer(loop, port, mine)[0]["etag"]}
    return {
        "timeline": (mine, "200"),
        "timeline, unchanged": (request(journey, people.owner | held), "304"),
        "timeline, for an employee": (request(journey, people.staff), "200"),
        "journey board": (request(f"{project}/journey-board", people.staff), "200"),
        "homes with something overdue": (request(f"{project}/journeys?overdue=true", people.staff), "200"),
    }


if __name__ == "__main__":
    main()
