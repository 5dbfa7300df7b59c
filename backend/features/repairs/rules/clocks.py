"""The clocks of a ticket (CT-05, CT-06): when they are due, warn, stand still and end. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

ClockState = Literal["running", "paused", "breached", "met", "met_late", "void"]
CLOCK_STATES: Final[tuple[ClockState, ...]] = ("running", "paused", "breached", "met", "met_late", "void")
OPEN: Final = ("running", "paused", "breached")
"""Not ended: a breached clock is still owed."""

GOES_ON: Final = "C2"
"""The first contact is ours to make: nobody waits for an owner whom they have not called, so it never stands still."""

Rule = dict[str, Any]
"""A rule of when something is due, as a calendar reads it."""


def ended(state: ClockState, due_before: datetime, at: datetime) -> ClockState:
    """How a clock stands that is met at `at`."""
    return "met_late" if state == "breached" or at > due_before else "met"


def moments(
    starts: datetime, due_before: datetime, warn_at: Sequence[int], after: datetime
) -> list[datetime]:
    """When a clock is looked at again after a moment: at each share of its time (in per cent), and when it is due."""
    whole = due_before - starts
    return sorted(
        moment
        for moment in {*(starts + whole * share / 100 for share in warn_at), due_before}
        if moment > after
    )


def in_danger_since(
    starts: datetime, due_before: datetime, warn_at: Sequence[int], now: datetime, *, soon: bool
) -> datetime | None:
    """Since when a clock that is looked at now is in danger: since its last warning; `soon`: since any of them.

    None: it is not. What has passed when it is found is in danger since the latest of those moments.
    """
    passed = [moment for moment in moments(starts, due_before, warn_at, starts) if moment <= now]
    last = starts + (due_before - starts) * max(warn_at, default=100) / 100
    if not passed or not (soon or passed[-1] >= last):
        return None
    return passed[-1] if soon else last
