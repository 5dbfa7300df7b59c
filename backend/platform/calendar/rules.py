"""Counting working time, pure: over half-open intervals `[opens, closes)` of moments in UTC.

What the method asks for: C1 counts working hours (CT-07, TM-17), C2 hours in or outside working time (CT-06, TM-18,
TM-19), C3 working days (HC-19, TM-20); most other timers go by calendar days and months (CT-42).
"""

import calendar as gregorian
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from backend.core.errors import Invalid
from backend.platform.calendar.days import (
    FIRST_DAY,
    LAST_DAY,
    Calendar,
    Day,
    Interval,
    day_of,
    is_provisional,
    local_day,
    too_far,
)

_HORIZON: Final = 3700  # days one count may reach: ten years
_IDLE: Final = 400  # days in a row without an open hour, after which there will be none


@dataclass(frozen=True, slots=True)
class Due:
    """When a promise ends, and why then.

    `day` is the last local day of the promise (`moment` may be the midnight that ends it); `counted` is what was
    counted, in order; `provisional`: a day on the way may still be changed by a year's notice.
    """

    moment: datetime
    day: date
    provisional: bool
    hours_set: bool
    counted: tuple[Interval, ...]


def add_working(calendar: Calendar, start: datetime, amount: timedelta) -> Due:
    """The first moment by which `amount` of working time has passed since `start`; with none, `start` itself.

    An amount used up exactly when a shift closes is due then, not when the next one opens.

    Raises:
        Invalid: `value_invalid`, a negative amount; `calendar_never_opens`; `calendar_too_far`: more than ten years.
    """
    if amount < timedelta(0):
        raise Invalid("value_invalid", field="value")
    first = local_day(calendar, start)
    left, counted, moment = amount, list[Interval](), start
    for interval in _open_from(calendar, start) if left else ():
        moment = min(interval.closes, interval.opens + left)
        counted.append(Interval(interval.opens, moment, interval.day))
        left -= moment - interval.opens
        if not left:
            break
    last = counted[-1].day if counted else first
    return Due(
        moment=moment.astimezone(UTC),
        day=local_day(calendar, moment - timedelta.resolution) if counted else first,
        provisional=_any_provisional(calendar, min(first, last), last),
        hours_set=calendar.hours_set,
        counted=tuple(counted),
    )


def add_working_days(calendar: Calendar, start: datetime, count: int) -> Due:
    """The close of the `count`-th working day after the day of receipt (C3, TM-20).

    A working day is a local day on which a shift opens. The day of receipt never counts, whether it came before
    opening, in working time, after closing or on a closed day (Civil Code, article 201); the last day ends when its
    last shift closes (article 203). So two working days from any moment of a Friday or Saturday are Tuesday's close.

    Raises:
        Invalid: `value_invalid`, less than one day; `calendar_never_opens`; `calendar_too_far`.
    """
    if count < 1:
        raise Invalid("value_invalid", field="value")
    received = local_day(calendar, start)
    counted = list[Interval]()
    for day in _working_days(calendar, received + timedelta(days=1)):
        counted.extend(day.open)
        count -= 1
        if not count:
            break
    last = counted[-1]
    return Due(
        moment=last.closes,
        day=last.day,
        provisional=_any_provisional(calendar, received, last.day),
        hours_set=calendar.hours_set,
        counted=tuple(counted),
    )


def working_between(calendar: Calendar, a: datetime, b: datetime) -> timedelta:
    """How much working time lies in `[a, b)`.

    Raises:
        Invalid: `dates_reversed`, when `b` is before `a`; `calendar_too_far`: more than ten years.
    """
    return sum((one.closes - one.opens for one in _open_between(calendar, a, b)), timedelta(0))


def working_shares(calendar: Calendar, a: datetime, b: datetime, shares: Iterable[int]) -> list[datetime]:
    """The moments by which these shares, in per cent, of the working time in `[a, b)` have passed; with none, `a`.

    Raises:
        Invalid: as `working_between`.
    """
    open_ = list(_open_between(calendar, a, b))
    whole = sum((one.closes - one.opens for one in open_), timedelta(0))
    moments = []
    for share in shares:
        left, moment = whole * share / 100, a
        for one in open_ if left else ():
            moment = min(one.closes, one.opens + left)
            left -= moment - one.opens
            if not left:
                break
        moments.append(moment.astimezone(UTC))
    return moments


def add_calendar_days(day: date, count: int) -> date:
    """The day `count` days later, or earlier when negative; closed days count (TM-04, TM-09).

    Raises:
        Invalid: `calendar_too_far`, outside the years 1 to 9999.
    """
    try:
        return day + timedelta(days=count)
    except OverflowError:
        raise too_far() from None


def add_months(day: date, count: int) -> date:
    """The same day `count` calendar months later, or earlier when negative; the month's last where it has none.

    31 December less two months is 31 October, 30 April less two is 28 or 29 February (TM-15).

    Raises:
        Invalid: `calendar_too_far`, outside the years 1 to 9999.
    """
    years, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not date.min.year <= years <= date.max.year:
        raise too_far()
    return date(years, month + 1, min(day.day, gregorian.monthrange(years, month + 1)[1]))


def end_of(calendar: Calendar, day: date) -> datetime:
    """The midnight that ends a local day.

    Raises:
        Invalid: `calendar_too_far`.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise too_far()
    return datetime.combine(day + timedelta(days=1), time(), calendar.zone).astimezone(UTC)


def _working_days(calendar: Calendar, first: date) -> Iterator[Day]:
    idle = 0
    for n in range(_HORIZON):
        day = day_of(calendar, first + timedelta(days=n))
        idle = 0 if day.open else idle + 1
        if idle > _IDLE:
            raise Invalid("calendar_never_opens")
        if day.open:
            yield day
    raise too_far()


def _open_between(calendar: Calendar, a: datetime, b: datetime) -> Iterator[Interval]:
    """What is open in `[a, b)`, none overlapping."""
    if b < a:
        raise Invalid("dates_reversed")
    first, last = local_day(calendar, a) - timedelta(days=1), local_day(calendar, b)
    if (last - first).days > _HORIZON:
        raise too_far()
    reached = a
    for n in range((last - first).days + 1):
        for interval in day_of(calendar, first + timedelta(days=n)).open:
            opens, closes = max(interval.opens, reached), min(interval.closes, b)
            if opens < closes:
                yield Interval(opens, closes, interval.day)
                reached = closes


def _open_from(calendar: Calendar, start: datetime) -> Iterator[Interval]:
    """What is open from `start` on, none overlapping: an override may open before the night before it has closed."""
    reached = start.astimezone(UTC)
    for day in _working_days(calendar, local_day(calendar, start) - timedelta(days=1)):
        for interval in day.open:
            if interval.closes > reached:
                yield Interval(max(interval.opens, reached), interval.closes, interval.day)
                reached = interval.closes


def _any_provisional(calendar: Calendar, first: date, last: date) -> bool:
    return any(is_provisional(calendar, first + timedelta(days=n)) for n in range((last - first).days + 1))
