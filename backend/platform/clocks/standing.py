"""How a clock stands, when it is looked at next, how it ends (CT-05). Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, get_args

ClockState = Literal["running", "paused", "breached", "met", "met_late", "void"]
CLOCK_STATES: Final[tuple[ClockState, ...]] = get_args(ClockState)
OPEN: Final[tuple[ClockState, ...]] = ("running", "paused", "breached")
"""Not ended: a breached clock is still owed."""

Left = Literal["met", "void", "paused", "revised"]
LEAVES: Final[tuple[Left, ...]] = get_args(Left)
"""Why a clock is in danger no more, which ends its chain: it begins anew at the next warning, if there is one."""


def ended(state: ClockState, due_before: datetime, at: datetime) -> ClockState:
    """How a clock stands that is met at `at`."""
    return "met_late" if state == "breached" or at > due_before else "met"


def next_look(marks: Sequence[datetime], warned: int, due_before: datetime) -> datetime:
    """When a running clock is looked at next: at its next warning, or when it is due."""
    return min(marks[warned], due_before) if warned < len(marks) else due_before


def passed(marks: Sequence[datetime], now: datetime) -> int:
    """How many warnings have come by now."""
    return sum(mark <= now for mark in marks)
