"""The lists of tickets beside raw SQL, and as data grows: `python -m bench.ticket_lists [--quick] [--json]`.

The owner's own, an engineer's day, what their phone takes along, and a project's for its managers. The measured server
has one core; PostgreSQL and the load share the other. Every case runs in each of three rounds; compared are medians of
answers a second of the server's own CPU. Then the same questions go to an estate of 1,000 homes and to one of 100,000
(10,000 when quick, 1,000,000 with `--large`), each home with two tickets, in turns; the figure is the median time.
"""

import asyncio
import json
import sys
from contextlib import ExitStack
from statistics import median

import uvloop

from backend.prepare import prepare
from bench.estate import People, fill
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
from bench.load import answer, rates, request
from bench.repairs import ENGINEER, fill_repairs

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
            loop.run(fill_repairs(url))
        servers = {
            size: stack.enter_context(measured(OURS, environment(running, url)))
            for size, (url, _) in estates.items()
        }
        url, people = estates[_FEW]
        with ExitStack() as beside:
            command = [sys.executable, "-m", "bench.ticket_peers", "raw"]
            raw = beside.enter_context(measured(command, environment(running, url)))
            figures = _beside(loop, servers[_FEW], raw, people, wanted)
        asked = {
            size: (servers[size].port, _questions(loop, servers[size].port, people))
            for size, (_, people) in estates.items()
        }
        figures += growing(loop, asked, 50 if wanted.quick else 300)
    report("The lists of tickets", figures, wanted)


def _beside(
    loop: asyncio.Runner, ours: Measured, raw: Measured, people: People, wanted: Options
) -> list[Figure]:
    seconds = 0.7 if wanted.quick else 4.0
    mine, day = request("/v1/tickets", people.owner), request("/v1/engineers/me/day", people.staff)
    held = {"if-none-match": answer(loop, ours.port, mine)[0]["etag"]}
    level = json.loads(answer(loop, ours.port, request("/v1/sync", people.staff))[1])["cursor"]
    cases = {
        "mine": ("GET /v1/tickets", ours, mine, 200),
        "mine-304": ("the same, unchanged (304)", ours, request("/v1/tickets", people.owner | held), 304),
        "mine-raw": ("raw: the same tickets", raw, request(f"/tickets/{people.account_id}"), 200),
        "day": ("GET /v1/engineers/me/day", ours, day, 200),
        "day-raw": ("raw: the same day", raw, request(f"/day/{ENGINEER}"), 200),
        "sync": ("GET /v1/sync, nothing new", ours, request(f"/v1/sync?cursor={level}", people.staff), 200),
        "ledger": (
            "GET /v1/projects/{id}/tickets",
            ours,
            request(f"/v1/projects/{people.project_id}/tickets", people.staff),
            200,
        ),
        "ledger-raw": ("raw: the same project", raw, request(f"/ledger/{people.project_id}"), 200),
    }
    said = {
        name: answer(loop, server.port, asked)[1]
        for name, (_, server, asked, status) in cases.items()
        if status == 200
    }
    for one, fact in (
        ("mine", b'"thread_id"'),
        ("day", b'"contact_phone"'),
        ("ledger", b'"visits_abortive"'),
    ):
        if not said[one].count(fact) == said[f"{one}-raw"].count(fact) > 0:
            raise RuntimeError(
                f"{one} says something else: {said[one][:300]!r}, {said[f'{one}-raw'][:300]!r}"
            )
    rounds = [
        {
            name: rates(loop, server, [asked], seconds, status)
            for name, (_, server, asked, status) in cases.items()
        }
        for _ in range(_ROUNDS)
    ]
    per_cpu = {name: median(one[name][1] for one in rounds) for name in cases}
    figures = [
        Figure(what, round(median(one[name][0] for one in rounds)), "req/s")
        for name, (what, *_) in cases.items()
    ]
    figures += [
        Figure(f"a second of CPU: {what}", round(per_cpu[name]), "req") for name, (what, *_) in cases.items()
    ]
    figures += [Figure(f"JSON, {name}", len(body), "bytes") for name, body in said.items()]
    compared = [
        ("mine", "mine-raw", 0.8),
        ("mine-304", "mine", 2.0),
        ("day", "day-raw", 0.8),
        ("ledger", "ledger-raw", 0.8),
    ]
    return figures + [
        at_least(cases[what][0], per_cpu[what] / per_cpu[peer], limit, peer=cases[peer][0])
        for what, peer, limit in compared
    ]


def _questions(loop: asyncio.Runner, port: int, people: People) -> Questions:
    mine, ledger = request("/v1/tickets", people.owner), f"/v1/projects/{people.project_id}/tickets"
    held = {"if-none-match": answer(loop, port, mine)[0]["etag"]}
    return {
        "my tickets": (mine, "200"),
        "my tickets, unchanged": (request("/v1/tickets", people.owner | held), "304"),
        "an engineer's day": (request("/v1/engineers/me/day", people.staff), "200"),
        "what a phone takes along": (request("/v1/sync", people.staff), "200"),
        "a project's tickets": (request(ledger, people.staff), "200"),
        "those that are late": (request(f"{ledger}?late=true", people.staff), "200"),
        "how old they are": (request(f"{ledger}/ageing", people.staff), "200"),
    }


if __name__ == "__main__":
    main()
