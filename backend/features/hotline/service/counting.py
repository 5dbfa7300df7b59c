"""Clocks counted by a calendar: when they are due and warn, and what is left of them when they stood still (CT-05)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from backend.features.hotline.rules.clocks import Rule, counts_working
from backend.features.standard.document import counted_by
from backend.platform.calendar import Calendar, Due, add_working, due, is_working, read_rule, working_between


def rule_at(calendar: Calendar, at: datetime, limit: Rule, outside: Rule | None) -> Rule:
    """Which rule holds for what came at `at`: outside working time the other one, where there is one (CT-06)."""
    return counted_by(outside if outside is not None and not is_working(calendar, at) else limit)


def due_at(calendar: Calendar, at: datetime, rule: Rule) -> Due:
    """When a clock that starts at `at` is due."""
    return due(calendar, at, read_rule(rule))


def marks_of(
    calendar: Calendar, rule: Rule | None, starts: datetime, due_before: datetime, warn_at: Sequence[int]
) -> list[datetime]:
    """When a clock warns: at each share of its time, in per cent, counted as the clock counts."""
    if due_before <= starts:
        return []
    if not counts_working(rule):
        return [starts + (due_before - starts) * share / 100 for share in sorted(warn_at)]
    whole = working_between(calendar, starts, due_before)
    return [add_working(calendar, starts, whole * share / 100).moment for share in sorted(warn_at)]


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
