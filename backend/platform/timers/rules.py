"""When the database's clock is believed, pure. A worker knows it by its own steady clock, which nobody can set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

TOLERANCE: Final = 60.0
"""Seconds by which the database's clock may jump: what a time service corrects in one step."""

Verdict = Literal["steady", "waits", "mistaken", "jumped"]


@dataclass(frozen=True, slots=True)
class Reading:
    """The database's clock, and between which two moments of the reader's steady clock it was read; all in seconds."""

    database: float
    before: float
    after: float


def ahead_of(anchor: Reading, now: Reading) -> float:
    """By how many seconds the database's clock has gone further than it can have; negative when it went back."""
    gone = now.database - anchor.database
    least, most = now.before - anchor.after, now.after - anchor.before
    if gone > most:
        return gone - most
    return min(gone - least, 0.0)


def jumped(ahead: float) -> bool:
    """Whether that is more than a time service corrects."""
    return abs(ahead) > TOLERANCE


def judge(ahead: float, votes: Sequence[float | None], *, waited: bool) -> Verdict:
    """What to think of a jump that one worker saw.

    `votes`: what each other worker saw that was alive before; None while it has not looked since. Two who saw the same
    are believed, and so is the only one alive; one against others has a clock of its own that is wrong. `waited`:
    whoever has not looked by now is not counted as alive.
    """
    if not jumped(ahead):
        return "steady"
    cast = [vote for vote in votes if vote is not None]
    if any(jumped(vote) and vote * ahead > 0 for vote in cast):
        return "jumped"
    if len(cast) < len(votes) and not waited:
        return "waits"
    return "mistaken" if cast else "jumped"
