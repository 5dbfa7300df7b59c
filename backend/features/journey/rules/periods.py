"""Periods of what recurs: days, calendar months, calendar quarters."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

Period = Literal["day", "month", "quarter"]

_MONTHS = {"month": 1, "quarter": 3}


def first_day(period: Period, day: date) -> date:
    """The first day of the period that `day` lies in."""
    if period == "day":
        return day
    months = _MONTHS[period]
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def next_first(period: Period, first: date) -> date:
    """The first day of the period after the one that begins on `first`."""
    if period == "day":
        return first + timedelta(days=1)
    # No month has 32 days and no quarter 93, and the first day past both lies in the next one.
    return first_day(period, first + timedelta(days=31 * _MONTHS[period]))


def last_day(period: Period, first: date) -> date:
    """The last day of the period that begins on `first`."""
    return next_first(period, first) - timedelta(days=1)


def whole_periods(period: Period, since: date, until: date | None, *, ahead_of: date) -> Iterator[date]:
    """The first days of the periods that begin on or after `since` and before `until`.

    They end with the first one that begins after `ahead_of`: one period ahead, never more.
    """
    first = first_day(period, since)
    if first < since:
        first = next_first(period, first)
    while until is None or first < until:
        yield first
        if first > ahead_of:
            return
        first = next_first(period, first)
