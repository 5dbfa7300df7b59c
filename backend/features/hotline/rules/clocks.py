"""The five clocks of a case (CT-05 to CT-07): what starts, warns, ends and voids each. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, get_args

ClockState = Literal["running", "paused", "breached", "met", "met_late", "void"]
CLOCK_STATES: Final[tuple[ClockState, ...]] = get_args(ClockState)
OPEN: Final[tuple[ClockState, ...]] = ("running", "paused", "breached")
"""Not ended: a breached clock is still owed."""

Left = Literal["met", "void", "paused", "revised"]
LEAVES: Final[tuple[Left, ...]] = get_args(Left)
"""Why a clock is in danger no more, which ends its chain: it begins anew at the next warning, if there is one."""

AT_RECEIPT: Final = ("C1", "C2", "C3")
"""What runs from receipt on (HC-12, HC-19, HC-20); C4 from what is agreed, C5 from what is done."""

GOES_ON: Final = ("C1", "C2", "C5")
"""Ours alone: nobody waits for an owner whom they have not called, so these never stand still."""

ENDS: Final[dict[str, frozenset[str]]] = {
    "C1": frozenset({"dispatch", "pass_on"}),
    "C2": frozenset({"contact", "answer", "explain"}),
    "C3": frozenset({"propose", "agree_date", "answer", "explain"}),
    "C4": frozenset({"finish"}),
    "C5": frozenset({"visit", "visit_low"}),
}
"""The acts that end a clock; nothing else does. An answer and an explanation are talks that a person records; of what
was ordered, the agreed date is the reply."""

VOIDS: Final[dict[str, frozenset[str]]] = {
    "merge": frozenset({"C1", "C2", "C3", "C4", "C5"}),
    "pass_on": frozenset({"C2", "C3", "C4", "C5"}),
    "conclude": frozenset({"C3", "C4"}),
    "close": frozenset({"C1", "C2", "C3", "C4", "C5"}),
    "reopen": frozenset({"C5"}),
}
"""Clocks that an act leaves nothing to: what they were about is over, and nobody has met it."""

Rule = dict[str, Any]
"""A rule of when something is due, as a calendar reads it."""

_WORKING: Final = frozenset({"working_hours", "working_days"})


def counts_working(rule: Rule | None) -> bool:
    """Whether a clock counts working time; else time as it passes."""
    return rule is not None and rule["kind"] in _WORKING


def owed(code: str, *, contactable: bool, common_part: bool) -> bool:
    """Whether a clock is owed at all: nobody calls a person whom nobody can reach, and whoever cannot be reached, or
    wrote of common parts, is not visited (HC-37, HC-38, CT-29).
    """
    if code == "C2":
        return contactable
    return code != "C5" or (contactable and not common_part)


def met_by(code: str) -> tuple[str, ...]:
    """The clocks that a move ends."""
    return tuple(clock for clock, acts in ENDS.items() if code in acts)


def ended(state: ClockState, due_before: datetime, at: datetime) -> ClockState:
    """How a clock stands that is met at `at`."""
    return "met_late" if state == "breached" or at > due_before else "met"


def next_look(marks: Sequence[datetime], warned: int, due_before: datetime) -> datetime:
    """When a running clock is looked at next: at its next warning, or when it is due."""
    return min(marks[warned], due_before) if warned < len(marks) else due_before


def passed(marks: Sequence[datetime], now: datetime) -> int:
    """How many warnings have come by now."""
    return sum(mark <= now for mark in marks)
