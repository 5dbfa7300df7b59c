"""A circuit breaker around a channel: a provider that is away is asked now and then by one message, not by all."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from push.channel import Channel
from push.message import Accepted, Ambiguous, DeadAddress, Message, Outcome, Refused, RetryAfter, Stopped

State = Literal["closed", "open", "probing"]

# A probe whose answer never came (its process was cancelled) frees the way for another one.
_PROBE_SECONDS = 120.0


@dataclass(slots=True)
class Breaker:
    """The state, pure: `now` is any clock of seconds that never goes back.

    Closed lets everything pass. After `failures` in a row that concern everybody, or at once when our account is
    not in order, it opens for `pause` seconds, then lets one message through: taken, it closes; failed, it opens for
    twice as long, up to `longest`.
    """

    failures: int = 5
    pause: float = 15.0
    longest: float = 300.0
    reason: str = field(default="", init=False)
    openings: int = field(default=0, init=False)
    _in_a_row: int = field(default=0, init=False)
    _failed_probes: int = field(default=0, init=False)
    _until: float | None = field(default=None, init=False)
    _probe_ends: float | None = field(default=None, init=False)

    def state(self, now: float) -> State:
        """For a metric and for people."""
        if self._until is None:
            return "closed"
        return "probing" if self._probes(now) else "open"

    def admits(self, now: float, wanted: int) -> int:
        """How many of so many messages may go now. Whoever is let through must come back with `hear`."""
        if self._until is None:
            return wanted
        if now < self._until or self._probes(now) or not wanted:
            return 0
        self._probe_ends = now + _PROBE_SECONDS
        return 1

    def wait(self, now: float) -> float:
        """Seconds until it is worth asking again."""
        ends = self._probe_ends if self._probes(now) else self._until
        return max((ends or now) - now, 1.0)

    def hear(self, outcome: Outcome, now: float) -> None:
        """Learn from what became of a message."""
        match outcome:
            case Accepted() | DeadAddress() | Refused():
                self._answered()
            case Stopped(everybody=True):
                self._failed(outcome.reason, now, at_once=True)
            case Ambiguous() | RetryAfter(everybody=True):
                self._failed(outcome.reason, now, at_once=False)
            case RetryAfter() | Stopped():
                # The provider answers; how it is with everybody else we have not learned.
                self._probe_ends = None

    def _probes(self, now: float) -> bool:
        return self._probe_ends is not None and now < self._probe_ends

    def _answered(self) -> None:
        self._in_a_row = 0
        # An answer to something sent before it opened is no news.
        if self._until is None or self._probe_ends is not None:
            self._until, self._probe_ends, self._failed_probes, self.reason = None, None, 0, ""

    def _failed(self, reason: str, now: float, *, at_once: bool) -> None:
        self._in_a_row += 1
        if self._until is not None:
            if self._probe_ends is None:
                return
            self._failed_probes += 1
        elif not at_once and self._in_a_row < self.failures:
            return
        else:
            self.openings += 1
        self._probe_ends, self.reason = None, reason
        self._until = now + min(self.pause * 2.0 ** min(self._failed_probes, 30), self.longest)


class Guarded:
    """A `Channel` behind a breaker. What the breaker holds back is a `RetryAfter` for everybody.

    At most `at_once` messages are handed over before the breaker is asked again: few, where each of them may wait for
    a provider that does not answer.
    """

    def __init__(
        self,
        channel: Channel,
        breaker: Breaker,
        clock: Callable[[], float] = time.monotonic,
        at_once: int = 500,
    ) -> None:
        self.breaker = breaker
        self._channel, self._clock, self._at_once = channel, clock, at_once

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Hand over what the breaker admits; after a probe that was taken, the rest."""
        outcomes: list[Outcome] = []
        while len(outcomes) < len(messages):
            admitted = self.breaker.admits(self._clock(), len(messages) - len(outcomes))
            if not admitted:
                break
            upto = len(outcomes) + min(admitted, self._at_once)
            told = await self._channel.send(messages[len(outcomes) : upto])
            for outcome in told:
                self.breaker.hear(outcome, self._clock())
            outcomes.extend(told)
        held = RetryAfter(self.breaker.wait(self._clock()), self.breaker.reason, everybody=True)
        return outcomes + [held] * (len(messages) - len(outcomes))

    async def aclose(self) -> None:
        """Close the channel behind."""
        await self._channel.aclose()
