"""Conversations of two sockets: a line counts once it is acknowledged to the one end and has come to the other."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import count
from statistics import quantiles

from bench.sockets import Client, Misbehaved, check

LINE = "您好，请问我家阳台的窗户什么时候能修好？上周约好的师傅没有来，今天也没接到电话。"
"""What is said: 120 bytes."""

# No line in a run has the name of another, on whatever thread.
_NUMBERS = count(1)

_WARM_SECONDS = 0.5
_STALLED_SECONDS = 30.0


class End(Client, ABC):
    """One end of a conversation. Each server is spoken to by a subclass."""

    talk: "Talk"

    @abstractmethod
    def say(self, cid: str) -> None:
        """Send a line under this name."""


class Talk:
    """Two ends that speak in turns. `finished` is called when a line has arrived everywhere."""

    __slots__ = ("began", "ends", "finished", "mark", "said", "turn", "waiting")

    def __init__(self, ends: tuple[End, End]) -> None:
        self.ends = ends
        for end in ends:
            end.talk = self
        self.finished: Callable[[Talk], None] = _nothing
        self.turn = 0
        self.mark = b""
        self.said = self.waiting = False
        self.began = 0.0

    def speak(self, began: float) -> None:
        """The end whose turn it is says a line. `began`: since when its time counts."""
        cid = f"line-{next(_NUMBERS):08d}"
        self.mark = f'"cid":"{cid}"'.encode()
        self.said, self.waiting, self.began = False, True, began
        self.ends[self.turn].say(cid)

    def acknowledged(self, payload: bytes) -> None:
        """An end was told that its line is committed."""
        if self.mark in payload:
            self.said = True
            if not self.waiting:
                self._arrived()

    def delivered(self, end: End, payload: bytes) -> None:
        """A line came to an end, perhaps its own."""
        if self.waiting and end is not self.ends[self.turn] and self.mark in payload:
            self.waiting = False
            if self.said:
                self._arrived()

    def _arrived(self) -> None:
        self.said = False
        self.turn ^= 1
        self.finished(self)


def _nothing(_talk: Talk) -> None: ...


async def closed_loop(
    talks: Sequence[Talk], seconds: float, busy: Callable[[], float]
) -> tuple[float, float]:
    """Lines a second when each conversation says the next line once the last has arrived; the share of a core it takes.

    Raises:
        Misbehaved: a socket ended, or a line did not arrive.
    """
    count, running, talking = 0, True, len(talks)
    over = asyncio.get_running_loop().create_future()

    def again(talk: Talk) -> None:
        nonlocal count, talking
        count += 1
        if running:
            talk.speak(0.0)
            return
        talking -= 1
        if not talking:
            over.set_result(None)

    for talk in talks:
        talk.finished = again
        talk.speak(0.0)
    await asyncio.sleep(_WARM_SECONDS)
    before, used, started = count, busy(), time.perf_counter()
    await asyncio.sleep(seconds)
    after, used, taken = count, busy() - used, time.perf_counter() - started
    running = False
    await _finish(over, talks)
    return (after - before) / taken, used / taken


async def open_loop(talks: Sequence[Talk], rate: float, seconds: float) -> float:
    """Milliseconds within which 99 of 100 lines have arrived, when `rate` a second are said whatever becomes of them.

    Time counts from the instant a line was due, so a generator or a server that stands still hides nothing.

    Raises:
        Misbehaved: a socket ended, a line did not arrive, or all conversations were busy.
    """
    taken: list[float] = []
    idle, over = list(talks), asyncio.get_running_loop().create_future()
    many = round(rate * seconds)

    def arrived(talk: Talk) -> None:
        taken.append((time.perf_counter() - talk.began) * 1000)
        idle.append(talk)
        if len(taken) == many:
            over.set_result(None)

    for talk in talks:
        talk.finished = arrived
    started, sent = time.perf_counter(), 0
    while sent < many:
        due = min(many, int((time.perf_counter() - started) * rate) + 1)
        while sent < due:
            if not idle:
                raise Misbehaved(f"{len(talks)} lines are on their way at {rate:g}/s")
            # The one that has been silent longest.
            idle.pop(0).speak(started + sent / rate)
            sent += 1
        await asyncio.sleep(max(0.0, started + sent / rate - time.perf_counter()))
    await _finish(over, talks)
    return quantiles(taken, n=100)[98]


async def say_each(talks: Sequence[Talk], lines: int, pause: float = 0.0) -> None:
    """Every conversation says so many lines, one after another.

    Raises:
        Misbehaved: a socket ended, or a line did not arrive.
    """
    for _ in range(lines):
        left = len(talks)
        over = asyncio.get_running_loop().create_future()

        def arrived(_talk: Talk, over: "asyncio.Future[None]" = over) -> None:
            nonlocal left
            left -= 1
            if not left:
                over.set_result(None)

        for talk in talks:
            talk.finished = arrived
            talk.speak(0.0)
            if pause:
                await asyncio.sleep(pause / len(talks))
        await _finish(over, talks)


async def _finish(over: "asyncio.Future[None]", talks: Sequence[Talk]) -> None:
    try:
        await asyncio.wait_for(over, _STALLED_SECONDS)
    except TimeoutError:
        check(end for talk in talks for end in talk.ends)
        waiting = sum(talk.waiting for talk in talks)
        raise Misbehaved(f"{waiting} lines did not arrive within {_STALLED_SECONDS:g} s") from None
    check(end for talk in talks for end in talk.ends)
