"""The clocks of a ticket (CT-05, CT-06): when they are due, warn, stand still and end. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from backend.platform.calendar import (
    Calendar,
    add_working,
    due,
    is_working,
    read_rule,
    working_between,
)

ClockState = Literal["running", "paused", "breached", "met", "met_late", "void"]
CLOCK_STATES: Final[tuple[ClockState, ...]] = ("running", "paused", "breached", "met", "met_late", "void")
OPEN: Final = ("running", "paused", "breached")
"""Not ended: a breached clock is still owed."""

Rule = dict[str, Any]
"""A rule of when something is due, as a calendar reads it."""

_MINUTES: Final = "elapsed_minutes"
_YEARS: Final = "calendar_years"


def rule_of(limit: Rule) -> Rule:
    """A limit of the standard as a rule that a calendar counts by."""
    if limit["kind"] == _MINUTES:
        return {"kind": "elapsed_hours", "value": limit["value"] / 60}
    if limit["kind"] == _YEARS:
        return {"kind": "calendar_months", "value": 12 * limit["value"]}
    return limit


def rule_at(calendar: Calendar, at: datetime, limit: Rule, outside: Rule | None) -> Rule:
    """Which rule holds for what came at `at`: outside working time the other one, where there is one (CT-06)."""
    return rule_of(outside if outside is not None and not is_working(calendar, at) else limit)


def due_at(calendar: Calendar, at: datetime, rule: Rule) -> datetime:
    """When a clock that starts at `at` is due."""
    return due(calendar, at, read_rule(rule)).moment


def resumed(
    calendar: Calendar, rule: Rule | None, due_before: datetime, paused: datetime, now: datetime
) -> datetime:
    """When a clock is due that stood still from `paused` until `now`, counted as it was counted before.

    What was left is left still: working time as working time, other time as it passes. A clock that was late stays so.
    """
    if due_before <= paused:
        return due_before
    if rule is not None and rule["kind"] in {"working_hours", "working_days"}:
        left = working_between(calendar, paused, due_before)
        return add_working(calendar, now, left).moment if left > timedelta(0) else now
    return due_before + (now - paused)


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
