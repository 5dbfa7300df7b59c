"""Five thousand sockets (two when quick): what one costs, how soon all have heard a line, how soon they are back.

Each is signed in and watches three threads: one that all watch, and two that twenty watch.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from statistics import median

from bench.conversations import AGENTS, COMMON, DEVICES, agent_token, heads, owner_token, thread
from bench.dialects import Ours, number
from bench.harness import OURS, Figure, Measured, Options, at_most, measured
from bench.sockets import Client, Misbehaved, check, connect, frame
from bench.talking import Talk, say_each

_CROWD = 5_000
_FEWER_DEVICES = 4
"""Of each agent, when quick."""

_BACK_SECONDS = 10.0
_TELLINGS = 9
_MISSED = 5
"""Lines that each conversation says while the crowd is away; then one more, while it comes back."""

_COMING_BACK_SECONDS = 2.0
_SETTLE_SECONDS = 2.0
_PAUSE_SECONDS = 0.2
_LEVEL_SECONDS = 120.0
_POLL_SECONDS = 0.05


class _Heard:
    """Waits until so many frames with a mark in them have been heard."""

    def __init__(self) -> None:
        self._mark = b""
        self._left = 0
        self._over: asyncio.Future[float] | None = None
        self.size = 0

    def expect(self, mark: bytes, many: int) -> "asyncio.Future[float]":
        """Done with the instant at which the last of them came."""
        self._mark, self._left = mark, many
        self._over = asyncio.get_running_loop().create_future()
        return self._over

    def count(self, payload: bytes) -> None:
        if self._left and self._mark in payload:
            self._left -= 1
            if not self._left and self._over is not None:
                self.size = len(payload)
                self._over.set_result(time.perf_counter())


class _Listener(Client):
    """A socket of the bare server: it hears what anybody says."""

    def __init__(self, heard: _Heard) -> None:
        super().__init__("/")
        self._heard = heard

    def heard(self, payload: bytes) -> None:
        if self.ready.done():
            self._heard.count(payload)
        else:
            self.ready.set_result(None)


class _Watcher(Client):
    """A socket of ours that watches some threads and knows how far it has come in each (`cursors`).

    Ready when all of them are live. What came is looked at later, so that hearing costs as little as with the peer.
    """

    def __init__(self, token: str, cursors: dict[bytes, int], heard: _Heard) -> None:
        super().__init__("/v1/socket")
        self._token, self.cursors, self._heard = token, cursors, heard
        self._coming = len(cursors)
        self._unread: list[bytes] = []

    def opened(self) -> None:
        cursors = {thread.decode(): seq for thread, seq in self.cursors.items()}
        hello = {"op": "hello", "token": self._token, "app": "bench", "cursors": cursors}
        self.send(frame(json.dumps(hello).encode()))

    def heard(self, payload: bytes) -> None:
        if payload.startswith(b'{"op":"entry"'):
            self._heard.count(payload)
            self._unread.append(payload)
        elif payload.startswith(b'{"op":"watching"'):
            self._coming -= 1
            if not self._coming and not self.ready.done():
                self.ready.set_result(None)
        elif payload.startswith((b'{"op":"refused"', b'{"op":"bye"', b'{"op":"gone"')):
            self.went_wrong(payload.decode())

    def look(self) -> None:
        """Go through what came: a line that is missing or twice is seen by `prev`, and wrong."""
        for payload in self._unread:
            begin = payload.find(b'"thread":"') + 10
            thread = payload[begin : begin + 36]
            if number(payload, b'"prev":') != self.cursors[thread]:
                self.went_wrong(f"after {self.cursors[thread]} came {payload.decode()}")
            self.cursors[thread] = number(payload, b'"seq":')
        self._unread.clear()

    def again(self) -> "_Watcher":
        """The same device when it comes back, with what it knows."""
        self.look()
        return _Watcher(self._token, self.cursors, self._heard)


def measure_crowd(
    loop: asyncio.Runner, env: Mapping[str, str], database_url: str, wanted: Options
) -> list[Figure]:
    """Every bar of a crowd, on a server that has served nothing before.

    Raises:
        Misbehaved: somebody was not let in, or a line is missing or came twice.
    """
    bare = [sys.executable, "-m", "bench.chat_peers", "broadcast"]
    with measured(OURS, env) as ours, measured(bare, env) as peer:
        return loop.run(_measure(ours, peer, database_url, wanted))


async def _measure(ours: Measured, peer: Measured, database_url: str, wanted: Options) -> list[Figure]:
    talks = [_talk(matter) for matter in range(AGENTS)]
    common = _talk(COMMON)
    speaking = [end for talk in (common, *talks) for end in talk.ends]
    await connect(ours.port, speaking)
    # Once around, so that what a first line leaves in memory is there before.
    await say_each((common, *talks), 2)
    heard, known = _Heard(), await heads(database_url)
    crowd = [
        _Watcher(agent_token(matter, device), {name: known[name] for name in _watched(matter)}, heard)
        for device in range(_FEWER_DEVICES if wanted.quick else DEVICES)
        for matter in range(AGENTS)
    ]
    bare = [_Listener(heard) for _ in crowd]
    cost, cost_bare = await _cost(ours, crowd), await _cost(peer, bare)
    told: list[tuple[float, float]] = [
        (await _tell(common, heard, len(crowd)), await _tell_bare(bare, heard))
        for _ in range(3 if wanted.quick else _TELLINGS)
    ]
    back, missed = await _fall_away(ours, crowd, talks, database_url)
    check((*speaking, *bare))
    for client in (*speaking, *bare):
        client.leave()
    last, last_bare = (median(one) for one in zip(*told, strict=True))
    many = f"{len(crowd):,}"
    return [
        at_most(
            f"a socket of {many}, signed in and watching 3 threads",
            cost,
            40,
            unit="KiB",
            peer=f"bare websockets {cost_bare:.1f} KiB",
        ),
        Figure(f"one line to {many} watchers, written, until the last has it", round(last * 1000), "ms"),
        Figure("as much by bare websockets.broadcast(), unwritten", round(last_bare * 1000), "ms"),
        at_most(
            f"one line to {many} watchers", last / last_bare, 2, unit="x", peer="bare websockets.broadcast()"
        ),
        at_most(
            f"{many} sockets fall away, and are back and level with {missed:,} lines each missed",
            back,
            # So much a socket, where there are fewer.
            _BACK_SECONDS * len(crowd) / _CROWD,
            unit="s",
        ),
    ]


def _talk(matter: int) -> Talk:
    owner = Ours(owner_token(matter), thread(matter), staff=False)
    return Talk((owner, Ours(agent_token(matter), thread(matter), staff=True)))


def _watched(matter: int) -> list[bytes]:
    return [thread(one).encode() for one in (COMMON, matter, (matter + 1) % AGENTS)]


async def _cost(server: Measured, clients: Sequence[Client]) -> float:
    """KiB of the server's memory that each takes."""
    before = server.resident()
    await connect(server.port, clients)
    await asyncio.sleep(_SETTLE_SECONDS)
    check(clients)
    return (server.resident() - before) / len(clients) / 1024


async def _tell(common: Talk, heard: _Heard, many: int) -> float:
    started = time.perf_counter()
    common.speak(started)
    taken = await heard.expect(common.mark, many) - started
    await asyncio.sleep(_PAUSE_SECONDS)
    return taken


async def _tell_bare(clients: Sequence[Client], heard: _Heard) -> float:
    mark = b'"cid":"line"'
    line = frame(mark.ljust(heard.size, b"."))
    started = time.perf_counter()
    clients[0].send(line)
    taken = await heard.expect(mark, len(clients)) - started
    await asyncio.sleep(_PAUSE_SECONDS)
    return taken


async def _fall_away(
    server: Measured, crowd: Sequence[_Watcher], talks: Sequence[Talk], database_url: str
) -> tuple[float, int]:
    """Seconds until all that fell away at once are level again; and how many lines each of them had missed."""
    check(crowd)
    for watcher in crowd:
        watcher.leave()
    returning = [watcher.again() for watcher in crowd]
    await say_each(talks, _MISSED)
    known = await heads(database_url)
    missed = _behind(returning, known)
    meanwhile = asyncio.create_task(say_each(talks, 1, pause=_COMING_BACK_SECONDS))
    started = time.perf_counter()
    await asyncio.wait_for(connect(server.port, returning), _LEVEL_SECONDS)
    await _level(returning, known)
    back = time.perf_counter() - started
    await meanwhile
    await _level(returning, await heads(database_url))
    for watcher in returning:
        watcher.leave()
    return back, missed // len(crowd)


async def _level(watchers: Sequence[_Watcher], known: dict[bytes, int]) -> None:
    """Return once everything up to there has come to everybody."""
    deadline = time.perf_counter() + _LEVEL_SECONDS
    while missing := _behind(watchers, known):
        check(watchers)
        if time.perf_counter() > deadline:
            raise Misbehaved(f"{missing} lines are missing")
        await asyncio.sleep(_POLL_SECONDS)
    check(watchers)


def _behind(watchers: Sequence[_Watcher], known: dict[bytes, int]) -> int:
    """How many lines have not come to those who watch."""
    for watcher in watchers:
        watcher.look()
    return sum(max(0, known[thread] - seq) for watcher in watchers for thread, seq in watcher.cursors.items())
