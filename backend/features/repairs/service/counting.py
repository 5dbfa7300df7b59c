"""Clocks counted by a calendar: when they are due, and what is left of them when they stood still (CT-05, CT-06)."""

from datetime import datetime, timedelta

from backend.features.repairs.rules.clocks import Rule
from backend.features.standard.document import counted_by
from backend.platform.calendar import Calendar, add_working, due, is_working, read_rule, working_between


def rule_at(calendar: Calendar, at: datetime, limit: Rule, outside: Rule | None) -> Rule:
    """Which rule holds for what came at `at`: outside working time the other one, where there is one (CT-06)."""
    return counted_by(outside if outside is not None and not is_working(calendar, at) else limit)


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
