"""Hot reads beside raw SQL and beside the ORM, in one run: `python -m bench.http [--quick] [--json]`.

The measured server has one core; PostgreSQL and the load share the other. Every case runs in each of three rounds; its
figure is the median.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import uvloop

from bench.estate import SESSIONS, bearer, fill
from bench.harness import Figure, at_least, database, environment, options, report, serving, use_load_core
from bench.load import answer, rate, request
from bench.peers import PEERS

_ROUNDS = 3
_HOMES = 1_000

Requests = Sequence[bytes] | Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Case:
    what: str
    port: int
    requests: Callable[[], Requests]
    status: int = 200


def main() -> None:
    """Run and print."""
    wanted = options(__doc__ or "")
    use_load_core()
    seconds = 1.0 if wanted.quick else 4.0
    with (
        database() as running,
        ExitStack() as stack,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop,
    ):
        people = loop.run(fill(running.database_url, _HOMES))
        env = environment(running)
        ports = {name: stack.enter_context(serving(["bench.peers", name], env)) for name in PEERS}
        ours = stack.enter_context(serving(["backend", "api"], env))
        mine = request("/v1/me/homes", people.owner)
        headers, body = answer(loop, ours, mine)
        unchanged = request("/v1/me/homes", people.owner | {"if-none-match": headers["etag"]})
        # Each session is asked for once: no cache can hold it.
        strangers = iter([request("/v1/me/homes", bearer(number)) for number in range(2, SESSIONS)])
        same, flat = request(f"/same/{people.account_id}"), request(f"/flat/{people.project_id}")
        tokens = [request("/signed-in", bearer(number)) for number in range(2, SESSIONS)]
        cases = {
            "ceiling": _Case(
                "constant Starlette (the load's ceiling)", ports["constant"], lambda: [request("/")]
            ),
            "flat": _Case("raw, 20 rows of one table", ports["raw"], lambda: [flat]),
            "flat-kept": _Case(
                "raw, 20 rows of one table, no pool reset", ports["raw-no-reset"], lambda: [flat]
            ),
            "raw": _Case("raw, the same homes", ports["raw"], lambda: [same]),
            "raw-kept": _Case("raw, the same homes, no pool reset", ports["raw-no-reset"], lambda: [same]),
            "raw-signed-in": _Case(
                "raw, session looked up, then the same homes", ports["raw"], lambda: tokens
            ),
            "orm": _Case("FastAPI + ORM + response_model, the same homes", ports["orm"], lambda: [same]),
            "ours": _Case("GET /v1/me/homes, session cached", ours, lambda: [mine]),
            "ours-cold": _Case("GET /v1/me/homes, session looked up each time", ours, lambda: strangers),
            "ours-304": _Case("GET /v1/me/homes, unchanged (304)", ours, lambda: [unchanged], 304),
        }
        rounds = [
            {
                name: rate(loop, case.port, case.requests(), seconds, case.status)
                for name, case in cases.items()
            }
            for _ in range(_ROUNDS)
        ]
        flat_size = len(answer(loop, ports["raw"], flat)[1])
        raw_size = len(answer(loop, ports["raw"], same)[1])
    rates = {name: median(one[name] for one in rounds) for name in cases}
    figures = [Figure(case.what, round(rates[name]), "req/s") for name, case in cases.items()]
    sizes = {
        "GET /v1/me/homes": len(body),
        "raw, the same homes": raw_size,
        "raw, 20 rows of one table": flat_size,
    }
    figures += [Figure(f"JSON of {what}", size, "bytes") for what, size in sizes.items()]
    compared = [
        ("ours", "raw", 0.8),
        ("ours", "raw-kept", 0.8),
        ("ours", "flat", 0.8),
        ("ours", "flat-kept", 0.8),
        ("ours", "orm", 4.0),
        ("ours-cold", "raw-signed-in", 0.8),
        ("ours-304", "raw", 2.0),
        ("ours-304", "ours", 2.0),
    ]
    figures += [
        at_least(cases[what].what, rates[what] / rates[peer], limit, peer=cases[peer].what)
        for what, peer, limit in compared
    ]
    report("Hot reads", figures, wanted)


if __name__ == "__main__":
    main()
