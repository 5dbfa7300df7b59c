"""A chain's steps (CT-05, HC-03 to HC-11): whom, how long until the next, and how it stands after each turn. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from backend.features.standard.document import counted_by

State = Literal["calling", "rested", "paused", "ended"]
STATES: Final[tuple[State, ...]] = ("calling", "rested", "paused", "ended")

EndedWhy = Literal["met", "void", "paused", "revised"]
ENDED_WHY: Final[tuple[EndedWhy, ...]] = ("met", "void", "paused", "revised")

PageState = Literal[
    "waiting", "ringing", "acknowledged", "declined", "handed_over", "answered", "lapsed", "ended"
]
PAGE_STATES: Final[tuple[PageState, ...]] = (
    "waiting",
    "ringing",
    "acknowledged",
    "declined",
    "handed_over",
    "answered",
    "lapsed",
    "ended",
)
OPEN_PAGES: Final[tuple[PageState, ...]] = ("waiting", "ringing")
"""A page that asks for something still: it waits for its bundle, or it has rung."""

SHORTEST: Final = timedelta(minutes=5)
"""No wait that we choose ourselves is shorter."""

_SHARE: Final = 4

Rule = Mapping[str, Any]
"""A rule of when something is due, as a calendar reads it: `{"kind": …, "value": …}`."""

Count = Callable[[datetime, Rule], datetime]
"""Counts a rule from a moment, by the chain's calendar."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a frozen chain. `role` None: it goes by category, and the case has none. `set`: by the standard."""

    role: str | None
    wait: Rule
    set: bool

    def written(self) -> dict[str, Any]:
        """As it is frozen."""
        return {"role": self.role, "wait": dict(self.wait), "set": self.set}


def read_steps(written: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps that were frozen."""
    return tuple(Step(one["role"], one["wait"], one["set"]) for one in written)


def wait_of(limit: Rule | None) -> Rule | None:
    """A wait of the standard as a rule that a calendar counts by; None: it is not set, or none that could be kept."""
    if limit is None or limit["value"] <= 0:
        return None
    return counted_by(limit)


def wait_while_not_set(whole: timedelta, *, working: bool) -> Rule:
    """How long until the next step while the standard does not say: a quarter of the clock's own time.

    `whole` is that time as the clock counts it, and so is the wait; it is never under five minutes.
    """
    wait = max(whole / _SHARE, SHORTEST)
    return {"kind": "working_hours" if working else "elapsed_hours", "value": wait / timedelta(hours=1)}


@dataclass(frozen=True, slots=True)
class Stand:
    """How a living chain stands: which step rang last (-1: none yet), how often it has, and when it goes on."""

    state: State
    step: int
    round: int
    next_at: datetime


def coming(steps: Sequence[Step], stand: Stand) -> int:
    """The step that is called when a chain goes on: the next; the last again; after a rest the one that answered."""
    if stand.state == "rested":
        return max(stand.step, 0)
    return min(stand.step + 1, len(steps) - 1)


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens when a chain goes on: the steps passed over because nobody is there, and the one that is called.

    `calls` False: nobody is there for any step up to the last; it is the last that will be tried again.
    """

    passed: tuple[int, ...]
    step: int
    round: int
    calls: bool


def turn(steps: Sequence[Step], stand: Stand, somebody: Callable[[int], bool]) -> Turn:
    """Which step is called now. `somebody`: whether there is anybody to be called for a step."""
    first, last = coming(steps, stand), len(steps) - 1
    passed = []
    for step in range(first, last + 1):
        calls = somebody(step)
        if calls or step == last:
            if not calls:
                passed.append(step)
            return Turn(tuple(passed), step, stand.round + 1 if step == stand.step else 1, calls)
        passed.append(step)
    raise AssertionError("a chain has a step")


def after_turn(steps: Sequence[Step], stand: Stand, turned: Turn, now: datetime, count: Count) -> Stand:
    """How a chain stands after a turn: it goes on one wait after this turn was due, however late it was taken.

    Steps that were missed meanwhile are all taken, one after the other. Repeats of the last step are not made up for:
    it rings once, and goes on at its next time.
    """
    wait = steps[turned.step].wait
    next_at = count(stand.next_at, wait)
    if turned.step == len(steps) - 1:
        while next_at <= now:
            next_at = count(next_at, wait)
    return Stand("calling", turned.step, turned.round, next_at)


def rested(steps: Sequence[Step], stand: Stand, at: datetime, count: Count) -> Stand:
    """How a chain stands when a page was acknowledged: it rests for one wait, and then rings again where it was."""
    return Stand("rested", stand.step, stand.round, count(at, steps[max(stand.step, 0)].wait))


def at_once(stand: Stand, at: datetime) -> Stand:
    """How a chain stands when everybody who was called has declined: it goes on now."""
    return replace(stand, state="calling", next_at=at)
