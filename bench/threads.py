"""Threads: lines and lists as phones read them, lines as they are said: `python -m bench.threads [--quick] [--json]`.

The measured server has one core; PostgreSQL and the load share the other. Every case runs in each of three rounds; its
figure is the median. Then the same questions go to a short thread and a long one, to somebody with 100 threads and to
somebody with 10,000, in turns on one connection; the figure is the median time. At the end 500 people speak in a closed
loop, each on a thread of their own, through one `Speaker` on the server's core.
"""

import asyncio
import os
import time
from contextlib import ExitStack
from statistics import median
from urllib.parse import quote
from uuid import UUID

import asyncpg
import uvloop

from backend.core.ids import new_id
from backend.db.url import asyncpg_arguments
from backend.platform.threads import Line, Speaker
from bench.estate import People, bearer, fill
from bench.harness import (
    Figure,
    at_least,
    at_most,
    cores,
    database,
    environment,
    options,
    report,
    serving,
    use_load_core,
)
from bench.journeys import fill_journeys
from bench.load import answer, rate, request

_ROUNDS = 3
_HOMES = 10_000
_FEW = 100
_LONG = 10_000
_SHORT = 60
_WARM = 20
_GROWS = 1.5
_SPEAKERS = 500

# The owner's first two homes have a long thread and a short one; one employee has written on every journey, another on
# the first hundred.
_STATEMENTS = (
    """INSERT INTO entry (thread_id, seq, kind, body, author_id, audience, cid, at, written_at)
    SELECT bench_id(21, home), seq, 'text',
        jsonb_build_object('text', '厨房水槽下面在漏水，第' || seq || '次说了，请尽快安排师傅上门看看'),
        bench_id(8, CASE WHEN seq % 3 = 0 THEN 1 ELSE 2 END), CASE seq % 5 WHEN 2 THEN 'staff' ELSE 'all' END,
        'c' || seq, now(), now()
    FROM (VALUES (0, {long}), (1, {short})) t (home, lines), LATERAL generate_series(16, lines) seq""",
    """UPDATE thread SET head = lines, open_head = lines FROM (VALUES (0, {long}), (1, {short})) t (home, lines)
    WHERE id = bench_id(21, home)""",
    # Written on at different moments, as threads are.
    """UPDATE thread SET head_at = head_at - r * interval '1 second', open_at = open_at - r * interval '1 second'
    FROM (SELECT bench_id(21, i) AS thread, (i * 7919 % 86400) AS r FROM generate_series(0, {homes} - 1) i) places
    WHERE id = thread""",
    "INSERT INTO account (id, kind, name, employee_no) VALUES (bench_id(8, 9), 'staff', '专员', 'B9')",
    """INSERT INTO position (id, account_id, role, node_id, since)
    VALUES (bench_id(8, 10), bench_id(8, 9), 'administrator', bench_id(4, 0), '2024-01-01')""",
    """INSERT INTO session (id, account_id, token_digest, device, address, last_seen_at, expires_at)
    VALUES (bench_id(8, 11), bench_id(8, 9), sha256(convert_to('bench--1', 'UTF8')), 'bench', '127.0.0.1', now(),
        now() + interval '12 hours')""",
    """INSERT INTO thread_member (thread_id, account_id, read_seq)
    SELECT bench_id(21, i), bench_id(8, 2), (i % 3) * 7 FROM generate_series(0, {homes} - 1) i
    UNION ALL SELECT bench_id(21, i), bench_id(8, 9), (i % 3) * 7 FROM generate_series(0, {few} - 1) i""",
    "VACUUM ANALYZE",
)


def main() -> None:
    """Run and print."""
    wanted = options(__doc__ or "")
    use_load_core()
    seconds, repeats = (1.0, 60) if wanted.quick else (4.0, 300)
    with (
        database() as running,
        ExitStack() as stack,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop,
    ):
        people = loop.run(fill(running.database_url, _HOMES))
        loop.run(fill_journeys(running.database_url))
        loop.run(_fill_threads(running.database_url))
        env = environment(running)
        ours = stack.enter_context(serving(["backend", "api"], env))
        with ExitStack() as beside:
            peers = {
                name: beside.enter_context(serving(["bench.thread_peers", name], env))
                for name in ("raw", "orm")
            }
            figures = _beside(loop, ours, peers, people, seconds)
        figures += _growing(loop, ours, people, repeats)
        loop.run(_speak(running.database_url, 0.5))
        rates = [loop.run(_speak(running.database_url, seconds)) for _ in range(_ROUNDS)]
        figures.append(Figure(f"lines said, {_SPEAKERS} people and threads", round(median(rates)), "lines/s"))
    report("Threads", figures, wanted)


async def _fill_threads(database_url: str) -> None:
    connection = await asyncpg.connect(
        **asyncpg_arguments(database_url) | {"user": "postgres"}, command_timeout=3600
    )
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in _STATEMENTS:
            await connection.execute(statement.format(homes=_HOMES, few=_FEW, long=_LONG, short=_SHORT))
    finally:
        await connection.close()


def _thread(home: int) -> UUID:
    """The thread of a home's journey, as `bench.journeys` numbers them."""
    return UUID(f"00000015-0000-7000-8000-{home:012x}")


def _beside(
    loop: asyncio.Runner, ours: int, peers: dict[str, int], people: People, seconds: float
) -> list[Figure]:
    lines, mine = f"/v1/threads/{_thread(1)}/entries", "/v1/threads"
    asked = {
        "entries": (ours, request(lines, people.owner)),
        "entries, raw": (peers["raw"], request(f"/{_thread(1)}")),
        "entries, orm": (peers["orm"], request(f"/{_thread(1)}")),
        "mine": (ours, request(mine, people.owner)),
        "mine, raw": (peers["raw"], request(f"/mine/{people.account_id}")),
    }
    sizes = {what: len(answer(loop, port, one)[1]) for what, (port, one) in asked.items()}
    cases = {what: (port, one, 200) for what, (port, one) in asked.items()}
    for what, path in (("entries", lines), ("mine", mine)):
        held = {"if-none-match": answer(loop, ours, asked[what][1])[0]["etag"]}
        cases[f"{what}, unchanged"] = (ours, request(path, people.owner | held), 304)
    rounds = [
        {what: rate(loop, port, [one], seconds, status) for what, (port, one, status) in cases.items()}
        for _ in range(_ROUNDS)
    ]
    rates = {what: median(one[what] for one in rounds) for what in cases}
    compared = [
        ("entries", "entries, raw", 0.8),
        ("entries", "entries, orm", 4.0),
        ("entries, unchanged", "entries", 2.0),
        ("entries, unchanged", "entries, raw", 2.0),
        ("mine", "mine, raw", 0.8),
        ("mine, unchanged", "mine", 2.0),
    ]
    return [
        *(Figure(what, round(value), "req/s") for what, value in rates.items()),
        *(Figure(f"JSON, {what}", size, "bytes") for what, size in sizes.items()),
        *(at_least(what, rates[what] / rates[peer], limit, peer=peer) for what, peer, limit in compared),
    ]


def _growing(loop: asyncio.Runner, ours: int, people: People, repeats: int) -> list[Figure]:
    few = bearer(-1)
    pairs = {
        f"entries, {_LONG:,} lines": (
            request(f"/v1/threads/{_thread(0)}/entries", people.owner),
            request(f"/v1/threads/{_thread(1)}/entries", people.owner),
            f"{_SHORT} lines",
        ),
        **{
            f"{what}, {_HOMES:,} threads": (
                request(f"/v1/threads{query}", people.staff),
                request(f"/v1/threads{query}", few),
                f"{_FEW} threads",
            )
            for what, query in (
                ("mine", ""),
                ("mine, unread", "?unread=true"),
                ("search", f"/search?q={quote('漏水')}"),
                ("search in vain", f"/search?q={quote('没有的')}"),
            )
        },
    }
    figures = []
    for what, (many, less, peer) in pairs.items():
        times: list[list[float]] = [[], []]
        for number in range(_WARM + repeats):
            for taken, one in zip(times, (many, less), strict=True):
                started = time.perf_counter()
                headers, body = answer(loop, ours, one)
                if headers["status"] != "200":
                    raise RuntimeError(f"{what}: {headers['status']} {body[:300]!r}")
                if number >= _WARM:
                    taken.append((time.perf_counter() - started) * 1000)
        long, short = map(median, times)
        figures += [
            Figure(what, round(long, 2), "ms"),
            Figure(f"{what.split(', ')[0]}, {peer}", round(short, 2), "ms"),
        ]
        if what.startswith("entries"):
            figures.append(at_most(what, long / short, _GROWS, unit="x", peer=peer))
    return figures


async def _speak(database_url: str, seconds: float) -> float:
    """Lines a second; said on the server's core."""
    os.sched_setaffinity(0, {cores()[0]})
    connection = await asyncpg.connect(**asyncpg_arguments(database_url))
    threads = [new_id() for _ in range(_SPEAKERS)]
    await connection.execute(
        "INSERT INTO thread (id, subject_kind, subject_id) SELECT id, 'bench', id FROM unnest($1::uuid[]) id",
        threads,
    )
    await connection.close()
    speaker, until = Speaker(database_url, lambda _lines: None), time.perf_counter() + seconds
    body = '{"text":"厨房水槽下面在漏水，请尽快安排师傅上门看看，今天下午都在家"}'.encode()

    async def talk(thread: UUID) -> int:
        author, said = new_id(), 0
        while time.perf_counter() < until:
            await speaker.say(Line(thread, str(said), "text", body, author))
            said += 1
        return said

    started = time.perf_counter()
    said = sum(await asyncio.gather(*map(talk, threads)))
    taken = time.perf_counter() - started
    await speaker.aclose()
    use_load_core()
    return said / taken


if __name__ == "__main__":
    main()
