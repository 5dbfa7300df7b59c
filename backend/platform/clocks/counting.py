"""Clocks counted by a calendar: when they are due and warn, and what is left of them when they stood still (CT-05)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from backend.platform.calendar.days import Calendar
from backend.platform.calendar.due import due, read_rule
from backend.platform.calendar.rules import Due, add_working, working_between, working_shares

Rule = Mapping[str, Any]
"""A rule of when something is due, as a calendar reads it: `{"kind": …, "value": …}`."""

_WORKING: Final = frozenset({"working_hours", "working_days"})


def counts_working(rule: Rule | None) -> bool:
    """Whether a clock counts working time; else time as it passes."""
    return rule is not None and rule["kind"] in _WORKING


def due_at(calendar: Calendar, at: datetime, rule: Rule) -> Due:
    """When a clock that starts at `at` is due."""
    return due(calendar, at, read_rule(dict(rule)))


def marks_of(
    calendar: Calendar, rule: Rule | None, starts: datetime, due_before: datetime, warn_at: Sequence[int]
) -> list[datetime]:
    """When a clock warns: at each share of its time, in per cent, counted as the clock counts."""
    if due_before <= starts:
        return []
    if not counts_working(rule):
        return [starts + (due_before - starts) * share / 100 for share in sorted(warn_at)]
    return working_shares(calendar, starts, due_before, sorted(warn_at))


def put_off(
    calendar: Calendar, rule: Rule | None, moment: datetime, paused: datetime, now: datetime
) -> datetime:
    """When a moment ahead of a clock comes that stood still from `paused` until `now`, counted as it was counted.

    What was left is left still: working time as working time, other time as it passes. What had come has come.
    """
    if moment <= paused:
        return moment
    if not counts_working(rule):
        return moment + (now - paused)
    left = working_between(calendar, paused, moment)
    return add_working(calendar, now, left).moment if left > timedelta(0) else now
