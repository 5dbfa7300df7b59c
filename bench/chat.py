"""Chat beside Node `ws`, Node Socket.IO and bare `websockets`, in one run: `python -m bench.chat [--quick] [--json]`.

The measured servers have one core; PostgreSQL, Valkey and the load share the other. Of 500 conversations of two sockets
each says its next line of 120 bytes once the last is committed, acknowledged and delivered; every server in each of
three rounds, in turns; a figure is the median. A commit waits for the disk, for all of them: what is acknowledged is
to survive a power cut. Then 5,000 sockets come, listen, fall away and come back.
"""

import asyncio
import os
import resource
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

import asyncpg
import uvloop

from backend.db.url import asyncpg_arguments
from backend.platform.embedded import Servers
from bench import node_peers
from bench.conversations import agent_token, fill_conversations, owner_token, thread
from bench.crowd import measure_crowd
from bench.dialects import Bare, Ours, SocketIo
from bench.estate import fill
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
from bench.sockets import connect
from bench.talking import End, Talk, closed_loop, open_loop

_ROUNDS = 3
_HOMES = 1_000
_TALKS = 500
_CALM = 500
"""Lines a second at which it is measured how soon they arrive."""

_LINES_A_CORE = 6_000


@dataclass(frozen=True, slots=True)
class _Case:
    """A server, or the two nodes of one, with its conversations; what was found in each round."""

    what: str
    nodes: Sequence[Measured]
    talks: Sequence[Talk]
    rates: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def busy(self) -> float:
        return sum(node.busy() for node in self.nodes)

    async def connect(self) -> None:
        """The ends of each conversation on different nodes, where there are two."""
        for number in (0, 1):
            await connect(self.nodes[-number].port, [talk.ends[number] for talk in self.talks])

    def leave(self) -> None:
        for talk in self.talks:
            for end in talk.ends:
                end.leave()


def main() -> None:
    """Run and print."""
    wanted = options(__doc__ or "")
    use_load_core()
    # Ten thousand sockets at once, here and in the servers.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with database(durable=True) as running, asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(fill(running.database_url, _HOMES))
        loop.run(fill_conversations(running.database_url))
        figures = _measure_talks(loop, running, wanted)
        figures += measure_crowd(loop, environment(running), running.database_url, wanted)
    report("Chat", figures, wanted)


def _measure_talks(loop: asyncio.Runner, running: Servers, wanted: Options) -> list[Figure]:
    seconds = 1.0 if wanted.quick else 6.0
    with ExitStack() as stack:
        cases = loop.run(_cases(running, stack))
        for _ in range(1 if wanted.quick else _ROUNDS):
            for name, case in cases.items():
                loop.run(_round(case, seconds, calm=name != "echo"))
        for case in cases.values():
            case.leave()
    return _figures(cases)


async def _round(case: _Case, seconds: float, *, calm: bool) -> None:
    rate, share = await closed_loop(case.talks, seconds, case.busy)
    case.rates.append(rate)
    case.shares.append(share)
    if calm:
        case.waits.append(await open_loop(case.talks, _CALM, seconds))


async def _cases(running: Servers, stack: ExitStack) -> dict[str, _Case]:
    """Every server, with its conversations open."""

    def start(command: Sequence[str], env: dict[str, str]) -> Measured:
        return stack.enter_context(measured(command, env))

    env = environment(running)
    echo = start([sys.executable, "-m", "bench.chat_peers", "echo"], env)
    cases = {
        "echo": _Case("frames handed on unread (what the load can do)", [echo], _talks(Bare)),
        "one": _Case("our chat, the whole protocol", [start(OURS, env)], _talks(_owner, _agent)),
        "two": _Case(
            "our chat across two nodes on one core, over Valkey",
            [start(OURS, env), start(OURS, env)],
            # Others, so that neither hears of what the other says.
            _talks(_owner, _agent, first=_TALKS),
        ),
    }
    if program := node_peers.node():
        await _peer_threads(running.database_url)
        env = os.environ | node_peers.environment(running)
        ws = start([program, str(node_peers.FOLDER / "ws.js")], env)
        socketio = start([program, str(node_peers.FOLDER / "socketio.js")], env)
        cases["ws"] = _Case("bare Node ws + pg, one commit a line", [ws], _talks(Bare))
        cases["socketio"] = _Case(
            "Node Socket.IO + Redis adapter + pg, one commit a line",
            [socketio],
            _talks(SocketIo, first=_TALKS),
        )
    for case in cases.values():
        await case.connect()
    return cases


def _talks(
    one: Callable[[int], End], other: Callable[[int], End] | None = None, first: int = 0
) -> list[Talk]:
    return [Talk((one(number), (other or one)(number))) for number in range(first, first + _TALKS)]


def _owner(number: int) -> End:
    return Ours(owner_token(number), thread(number), staff=False)


def _agent(number: int) -> End:
    return Ours(agent_token(number), thread(number), staff=True)


async def _peer_threads(database_url: str) -> None:
    connection = await asyncpg.connect(**asyncpg_arguments(database_url))
    await connection.execute(node_peers.TABLES)
    await connection.execute(
        "INSERT INTO peer_thread SELECT number, 0 FROM generate_series(0, $1::int - 1) number", 2 * _TALKS
    )
    await connection.close()


def _figures(cases: dict[str, _Case]) -> list[Figure]:
    rates = {name: median(case.rates) for name, case in cases.items()}
    calm = {name: median(case.waits) for name, case in cases.items() if case.waits}
    figures = [
        Figure(case.what, round(rates[name]), "lines/s", peer=f"its core {median(case.shares):.0%} busy")
        for name, case in cases.items()
    ]
    # What remains comparable where others keep the cores busy, or the database is slower than a server.
    figures += [
        Figure(f"{case.what}, for each second of CPU that the server took", round(median(each)), "lines")
        for case in cases.values()
        if (each := [rate / share for rate, share in zip(case.rates, case.shares, strict=True)])
    ]
    figures += [
        Figure(f"{cases[name].what}, p99 at {_CALM}/s", round(value, 1), "ms") for name, value in calm.items()
    ]
    one = cases["one"].what
    figures.append(at_least(one, rates["one"], _LINES_A_CORE, peer="a core", unit="lines/s"))
    figures.append(at_most(f"{one}, p99 at {_CALM}/s", calm["one"], 15, unit="ms"))
    figures.append(
        at_least(cases["two"].what, rates["two"] / rates["one"], 0.7, peer="one node on that core")
    )
    if "socketio" in cases:
        figures.append(at_least(one, rates["one"] / rates["socketio"], 2.5, peer=cases["socketio"].what))
        figures.append(
            Figure(one, round(rates["one"] / rates["ws"], 2), "x", peer=cases["ws"].what),
        )
    return figures


if __name__ == "__main__":
    main()
