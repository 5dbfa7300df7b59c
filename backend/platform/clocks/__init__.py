"""One promise with a due time: how its row looks, how its warnings are counted, how it stands and ends.

Who keeps the clocks of a subject, by which standard and with which chain, is in `features/escalation`.
"""

from backend.platform.clocks.columns import ClockRow, clock_checks
from backend.platform.clocks.counting import Rule, counts_working, due_at, marks_of, put_off
from backend.platform.clocks.standing import (
    CLOCK_STATES,
    LEAVES,
    OPEN,
    ClockState,
    Left,
    ended,
    next_look,
    passed,
)

__all__ = [
    "CLOCK_STATES",
    "LEAVES",
    "OPEN",
    "ClockRow",
    "ClockState",
    "Left",
    "Rule",
    "clock_checks",
    "counts_working",
    "due_at",
    "ended",
    "marks_of",
    "next_look",
    "passed",
    "put_off",
]
