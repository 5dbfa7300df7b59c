"""What a calendar is, and what each of its days is. Pure; `rules.py` counts in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from backend.core.clock import SHANGHAI
from backend.core.errors import Invalid
from backend.platform.calendar.hours import PLACEHOLDER, Shift, Week
from backend.platform.calendar.statutory import MAINLAND, Name, Statutory

FIRST_DAY: Final = date(2004, 1, 1)
LAST_DAY: Final = date(2100, 12, 31)
"""Between these days working time is known: statutory days are on record since 2004; nobody promises beyond 2100."""

DayKind = Literal["workday", "weekend", "holiday", "makeup_workday", "override"]


@dataclass(frozen=True, slots=True)
class Override:
    """A day as an administrator set it; without shifts it is closed."""

    shifts: tuple[Shift, ...]
    name: str | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """One place's working time. `observes_holidays`: statutory holidays close it and make-up workdays open it.

    A service that is open all week is closed on statutory holidays all the same: CT-07 counts by a calendar of public
    holidays. Where the service centre works through them, its hours say so by `observes_holidays=False`; then only
    the week and the overrides decide. `hours_set` is False when nobody set hours: the week is the placeholder.
    """

    zone: ZoneInfo = SHANGHAI
    week: Week = PLACEHOLDER
    observes_holidays: bool = True
    overrides: Mapping[date, Override] = field(default_factory=dict)
    statutory: Statutory = MAINLAND
    hours_set: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class Interval:
    """Open from `opens` until just before `closes`. `day` is the local day it belongs to: that on which it opens."""

    opens: datetime
    closes: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Day:
    """A local day: what it is, what it is called, when it is open."""

    day: date
    kind: DayKind
    name: Name | None
    provisional: bool
    open: tuple[Interval, ...]


def day_of(calendar: Calendar, day: date) -> Day:
    """One local day.

    An override stands above everything. A statutory holiday is closed. A make-up workday on a weekend keeps that
    weekend day's own hours; where it has none, those of the nearest weekday that has (Friday's for a Saturday, Monday's
    for a Sunday, and so on inwards).

    Raises:
        Invalid: `calendar_too_far`, outside `FIRST_DAY` to `LAST_DAY`.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise too_far()
    weekday = day.weekday()
    shifts = calendar.week[weekday]
    kind: DayKind = "workday" if weekday < 5 else "weekend"
    statutory = calendar.statutory.day(day)
    name = None if statutory is None else statutory.name
    override = calendar.overrides.get(day)
    if override is not None:
        shifts, kind = override.shifts, "override"
        name = Name(override.name, override.name) if override.name is not None else name
    elif statutory is not None:
        kind = "holiday" if statutory.off else "makeup_workday"
        if calendar.observes_holidays:
            shifts = () if statutory.off else shifts or _standing_in(calendar.week, weekday)
    return Day(day, kind, name, is_provisional(calendar, day), _placed(calendar, day, shifts))


def days(calendar: Calendar, first: date, last: date) -> list[Day]:
    """Every day from `first` to `last`, both included.

    Raises:
        Invalid: `dates_reversed`; `calendar_too_far`.
    """
    if last < first:
        raise Invalid("dates_reversed", field="to")
    return [day_of(calendar, first + timedelta(days=n)) for n in range((last - first).days + 1)]


def is_working(calendar: Calendar, moment: datetime) -> bool:
    """Whether it is working time at `moment`, which decides between the clocks of HC-12 and HC-13.

    Raises:
        Invalid: `calendar_too_far`.
    """
    today = local_day(calendar, moment)
    return any(
        interval.opens <= moment < interval.closes
        for day in (today - timedelta(days=1), today)
        for interval in day_of(calendar, day).open
    )


def local_day(calendar: Calendar, moment: datetime) -> date:
    """The local day of a moment. Raises ValueError for a moment without a time zone, which none of ours is.

    Raises:
        Invalid: `calendar_too_far`.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment has a time zone")
    # A year more at either end, so that the zone cannot carry it out of Python's own years.
    if not FIRST_DAY.year - 1 <= moment.year <= LAST_DAY.year + 1:
        raise too_far()
    day = moment.astimezone(calendar.zone).date()
    # The night before the first day belongs to a day we do not know.
    if not FIRST_DAY < day <= LAST_DAY:
        raise too_far()
    return day


def _standing_in(week: Week, weekday: int) -> tuple[Shift, ...]:
    nearest = (4, 3, 2, 1, 0) if weekday == 5 else (0, 1, 2, 3, 4)
    return next((week[other] for other in nearest if week[other]), ())


def _placed(calendar: Calendar, day: date, shifts: tuple[Shift, ...]) -> tuple[Interval, ...]:
    # Zones whose offset changes are refused at the door, so minutes can be added in UTC.
    midnight = datetime.combine(day, time(), calendar.zone).astimezone(UTC)
    return tuple(
        Interval(midnight + timedelta(minutes=shift.opens), midnight + timedelta(minutes=shift.closes), day)
        for shift in shifts
    )


def is_provisional(calendar: Calendar, day: date) -> bool:
    """Whether a notice still to come may change when a day is open."""
    return (
        calendar.observes_holidays and calendar.statutory.provisional(day) and day not in calendar.overrides
    )


def too_far() -> Invalid:
    """The refusal of what lies outside `FIRST_DAY` to `LAST_DAY`, or too far from where one counts."""
    return Invalid("calendar_too_far", first=FIRST_DAY.isoformat(), last=LAST_DAY.isoformat())
