"""Working time: a place's hours, the mainland's holidays and make-up workdays, and an administrator's overrides."""

from backend.platform.calendar.days import Calendar, Day, Interval, Override, days, is_working, local_day
from backend.platform.calendar.due import DueRule, due, read_rule, write_rule
from backend.platform.calendar.finding import (
    Publication,
    calendar_of,
    calendars_of,
    hours_at,
    publication,
    version_of,
)
from backend.platform.calendar.hours import (
    SHIFTS_A_DAY,
    Shift,
    Week,
    in_order,
    make_week,
    read_shift,
    spell,
    spell_week,
    unpack,
)
from backend.platform.calendar.moving import Revision, revise_clocks
from backend.platform.calendar.repository import projects_without_hours, take_turns
from backend.platform.calendar.rules import (
    Due,
    add_calendar_days,
    add_months,
    add_working,
    add_working_days,
    working_between,
)
from backend.platform.calendar.running import ClockProviders, RunningClock, RunningClocks
from backend.platform.calendar.service import (
    Hours,
    publish_hours,
    publish_overrides,
    set_hours_from_words,
)
from backend.platform.calendar.statutory import MAINLAND, coming_year_missing

__all__ = [
    "MAINLAND",
    "SHIFTS_A_DAY",
    "Calendar",
    "ClockProviders",
    "Day",
    "Due",
    "DueRule",
    "Hours",
    "Interval",
    "Override",
    "Publication",
    "Revision",
    "RunningClock",
    "RunningClocks",
    "Shift",
    "Week",
    "add_calendar_days",
    "add_months",
    "add_working",
    "add_working_days",
    "calendar_of",
    "calendars_of",
    "coming_year_missing",
    "days",
    "due",
    "hours_at",
    "in_order",
    "is_working",
    "local_day",
    "make_week",
    "projects_without_hours",
    "publication",
    "publish_hours",
    "publish_overrides",
    "read_rule",
    "read_shift",
    "revise_clocks",
    "set_hours_from_words",
    "spell",
    "spell_week",
    "take_turns",
    "unpack",
    "version_of",
    "working_between",
    "write_rule",
]
