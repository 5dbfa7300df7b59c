"""Working time against counting minute by minute, through the real years 2024 to 2026 and the unpublished 2027."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.clock import SHANGHAI
from backend.core.errors import Invalid
from backend.platform.calendar import (
    Calendar,
    Override,
    Shift,
    Week,
    add_working,
    add_working_days,
    days,
    due,
    is_working,
    make_week,
    read_rule,
    working_between,
)

MINUTE = timedelta(minutes=1)
OFFICE: Week = ((Shift(540, 1080),),) * 5 + ((), ())
HALVES: Week = ((Shift(510, 720), Shift(810, 1050)),) * 5 + ((Shift(510, 720),), ())
EVERY_DAY: Week = ((Shift(540, 1080),),) * 7
NIGHTS: Week = (
    (Shift(1320, 1800),),
    (Shift(1320, 1800),),
    (Shift(480, 510), Shift(1410, 1470)),
    (),
    (Shift(0, 1440),),
    (),
    (Shift(1200, 1680),),
)
ROUND: Week = ((Shift(0, 1440),),) * 7
WEEKEND_ONLY: Week = ((),) * 5 + ((Shift(600, 960),),) * 2

# Where the calendar turns: make-up Saturdays and Sundays, the ends of holidays and of what is published.
UNPUBLISHED = (
    "2026-12-28",
    "2026-12-31",
    "2027-01-01",
    "2027-02-06",
    "2027-04-05",
    "2027-05-01",
    "2027-10-03",
)
TURNS = sorted(
    {day for day in chinese_calendar.constants.workdays if day.year >= 2024}
    | {day for day in chinese_calendar.constants.holidays if day.year >= 2024}
    | {date.fromisoformat(day) for day in UNPUBLISHED}
)
FIXED_2027 = {(1, 1), (4, 5), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}

moments = st.builds(
    lambda day, minutes: datetime.combine(day, time(), SHANGHAI) + minutes * MINUTE,
    st.sampled_from(TURNS) | st.dates(date(2024, 1, 1), date(2027, 12, 1)),
    st.integers(-2880, 2880),
)


@st.composite
def made_weeks(draw: st.DrawFn) -> Week:
    """Any week of half-hour shifts, over midnight too."""
    made = []
    for _ in range(7):
        marks = sorted(draw(st.sets(st.integers(0, 60), max_size=4)))
        shifts = [Shift(a * 30, b * 30) for a, b in zip(marks[::2], marks[1::2], strict=False) if a < 48]
        made.append([shift for shift in shifts if shift.closes - shift.opens <= 1440])
    try:
        return make_week(made, "week")
    except Invalid:
        return NIGHTS


weeks = st.sampled_from([OFFICE, HALVES, EVERY_DAY, NIGHTS, ROUND, WEEKEND_ONLY]) | made_weeks()
overrides = st.sampled_from(
    [Override((), None), Override((Shift(300, 690),), "开放日"), Override((Shift(1380, 1500),), None)]
)
calendars = st.builds(
    lambda week, observes, overridden: Calendar(week=week, observes_holidays=observes, overrides=overridden),
    weeks,
    st.booleans(),
    st.dictionaries(st.sampled_from(TURNS), overrides, max_size=6),
)


def shifts_of(calendar: Calendar, day: date) -> tuple[Shift, ...]:
    """The rule in its plainest form."""
    if day in calendar.overrides:
        return calendar.overrides[day].shifts
    own = calendar.week[day.weekday()]
    if not calendar.observes_holidays:
        return own
    if day.year > 2026:
        return () if (day.month, day.day) in FIXED_2027 else own
    off, name = chinese_calendar.get_holiday_detail(day)
    if off:
        return () if name else own
    if day.weekday() == 5 and not own:
        return next((calendar.week[other] for other in (4, 3, 2, 1, 0) if calendar.week[other]), ())
    if day.weekday() == 6 and not own:
        return next((calendar.week[other] for other in (0, 1, 2, 3, 4) if calendar.week[other]), ())
    return own


class Minutes:
    """Says of every minute whether it is open."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._day = lru_cache(maxsize=None)(self._of_day)

    def _of_day(self, day: date) -> bytes:
        mask = bytearray(2880)
        for shift in shifts_of(self._calendar, day):
            mask[shift.opens : shift.closes] = b"\x01" * (shift.closes - shift.opens)
        return bytes(mask)

    def whole_day(self, day: date) -> bytes:
        """The minutes of a local day, the night before included."""
        own, before = self._day(day), self._day(day - timedelta(days=1))
        return bytes(a | b for a, b in zip(own[:1440], before[1440:], strict=True))

    def from_(self, start: datetime) -> "list[tuple[date, int, bytes]]":
        local = start.astimezone(SHANGHAI)
        first = local.hour * 60 + local.minute
        listed = [(local.date(), first, self.whole_day(local.date()))]
        return listed + [
            (day, 0, self.whole_day(day)) for day in (local.date() + timedelta(days=n) for n in range(1, 60))
        ]


@settings(max_examples=80, deadline=None)
@given(calendars, moments, st.integers(1, 720))
def test_adding_is_counting_minutes(calendar: Calendar, start: datetime, amount: int) -> None:
    left = amount
    for day, first, mask in Minutes(calendar).from_(start):
        for minute in range(first, 1440):
            left -= mask[minute]
            if not left:
                expected = datetime.combine(day, time(), SHANGHAI) + (minute + 1) * MINUTE
                found = add_working(calendar, start, amount * MINUTE)
                assert found.moment == expected
                assert sum((one.closes - one.opens for one in found.counted), timedelta()) == amount * MINUTE
                assert found.day == day
                last = found.counted[-1].day
                low = min(start.date(), last)
                crossed = [low + timedelta(days=n) for n in range((last - low).days + 1)]
                unknown = any(one > date(2026, 12, 28) and one not in calendar.overrides for one in crossed)
                assert found.provisional is (unknown and calendar.observes_holidays)
                return


@settings(max_examples=80, deadline=None)
@given(calendars, moments, st.integers(0, 12 * 1440))
def test_between_is_counting_minutes(calendar: Calendar, a: datetime, length: int) -> None:
    b = a + length * MINUTE
    left, open_minutes = length, 0
    for _, first, mask in Minutes(calendar).from_(a):
        part = mask[first : first + left]
        open_minutes += sum(part)
        left -= len(part)
    assert working_between(calendar, a, b) == open_minutes * MINUTE
    assert is_working(calendar, a) is bool(working_between(calendar, a, a + MINUTE))


@settings(max_examples=80, deadline=None)
@given(
    calendars,
    moments,
    st.timedeltas(timedelta(microseconds=1), timedelta(hours=30)),
    st.integers(0, 59_999_999),
)
def test_due_is_the_first_moment_by_which_it_has_passed(
    calendar: Calendar, start: datetime, amount: timedelta, micros: int
) -> None:
    start += timedelta(microseconds=micros)
    try:
        moment = add_working(calendar, start, amount).moment
    except Invalid:
        assert calendar.week == ((),) * 7
        return
    assert working_between(calendar, start, moment) == amount
    assert working_between(calendar, start, moment - timedelta.resolution) < amount


@settings(max_examples=80, deadline=None)
@given(calendars, moments, st.integers(1, 8))
def test_working_days_count_from_the_day_after_receipt(
    calendar: Calendar, start: datetime, count: int
) -> None:
    """CT-05, TM-20; Civil Code, articles 201 and 203."""
    day = start.astimezone(SHANGHAI).date()
    for _ in range(count):
        day += timedelta(days=1)
        while not shifts_of(calendar, day):
            day += timedelta(days=1)
    found = add_working_days(calendar, start, count)
    closing = max(shift.closes for shift in shifts_of(calendar, day))
    assert found.moment == datetime.combine(day, time(), SHANGHAI) + closing * MINUTE
    assert (found.day, len({one.day for one in found.counted})) == (day, count)


def at(spelled: str) -> datetime:
    return datetime.fromisoformat(spelled).replace(tzinfo=SHANGHAI)


# 2026 as published: Qingming 4 to 6 April; Labour Day 1 to 5 May, Saturday 9 May worked; National Day 1 to 7 October,
# Sunday 20 September and Saturday 10 October worked.
DUE = [
    # C1: four working hours (CT-07)
    ("2026-03-02 09:00", "working_hours", 4, "2026-03-02 13:00", False),
    ("2026-03-02 16:00", "working_hours", 4, "2026-03-03 11:00", False),
    ("2026-03-02 14:00", "working_hours", 4, "2026-03-02 18:00", False),
    ("2026-03-02 18:00", "working_hours", 4, "2026-03-03 13:00", False),
    ("2026-03-06 17:30", "working_hours", 4, "2026-03-09 12:30", False),
    ("2026-09-30 16:00", "working_hours", 4, "2026-10-08 11:00", False),
    ("2026-10-09 17:00", "working_hours", 4, "2026-10-10 12:00", False),
    ("2026-09-18 17:00", "working_hours", 4, "2026-09-20 12:00", False),
    ("2026-12-31 17:00", "working_hours", 4, "2027-01-04 12:00", True),
    ("2026-12-28 16:00", "working_hours", 2, "2026-12-28 18:00", False),
    ("2026-12-28 16:00", "working_hours", 3, "2026-12-29 10:00", True),
    ("2026-03-02 17:45", "working_hours", 0.5, "2026-03-03 09:15", False),
    # C3: two working days, whenever it comes in on the day (HC-19)
    ("2026-03-02 07:00", "working_days", 2, "2026-03-04 18:00", False),
    ("2026-03-02 12:00", "working_days", 2, "2026-03-04 18:00", False),
    ("2026-03-02 23:59", "working_days", 2, "2026-03-04 18:00", False),
    ("2026-03-06 12:00", "working_days", 2, "2026-03-10 18:00", False),
    ("2026-03-07 12:00", "working_days", 2, "2026-03-10 18:00", False),
    ("2026-04-30 12:00", "working_days", 2, "2026-05-07 18:00", False),
    ("2026-05-07 12:00", "working_days", 2, "2026-05-09 18:00", False),
    ("2027-04-02 12:00", "working_days", 2, "2027-04-07 18:00", True),
    # C2 outside working time: twenty-four elapsed hours (CT-06)
    ("2026-10-01 03:00", "elapsed_hours", 24, "2026-10-02 03:00", False),
    # C5: seven calendar days, to the end of the last (HC-38)
    ("2026-09-28 15:00", "calendar_days", 7, "2026-10-06 00:00", False),
    ("2026-09-28 15:00", "calendar_days", 0, "2026-09-29 00:00", False),
    ("2026-12-20 15:00", "calendar_days", -10, "2026-12-11 00:00", False),
    ("2026-12-31 15:00", "calendar_months", -2, "2026-11-01 00:00", False),
    ("2026-09-15 15:00", "calendar_months", 3, "2026-12-16 00:00", False),
]  # fmt: skip


def test_due_times_by_name() -> None:
    for start, kind, value, expected, provisional in DUE:
        found = due(Calendar(week=OFFICE), at(start), read_rule({"kind": kind, "value": value}))
        assert (found.moment, found.provisional) == (at(expected), provisional), (start, kind, value)
        assert found.moment.tzinfo is UTC


def test_the_day_of_a_promise_is_its_last_day_and_not_the_midnight_after_it() -> None:
    office, later = Calendar(week=OFFICE), Calendar(week=NIGHTS)
    for calendar, rule, day in (
        (office, {"kind": "calendar_days", "value": 7}, date(2026, 3, 9)),
        (office, {"kind": "elapsed_hours", "value": 14}, date(2026, 3, 2)),
        (office, {"kind": "working_hours", "value": 8}, date(2026, 3, 2)),
        (later, {"kind": "working_days", "value": 1}, date(2026, 3, 3)),
    ):
        assert due(calendar, at("2026-03-02 10:00"), read_rule(rule)).day == day


def test_what_never_opens_or_lies_too_far_is_refused() -> None:
    shut = Calendar(week=((),) * 7)
    open_once = Calendar(week=((),) * 7, overrides={date(2026, 3, 3): Override((Shift(540, 600),), None)})
    seldom = Calendar(week=((Shift(0, 1),),) + ((),) * 6)
    start = at("2026-03-02 10:00")
    assert add_working(open_once, start, timedelta(hours=1)).moment == at("2026-03-03 10:00")
    for calendar, begun, kind, value, code in (
        (shut, start, "working_hours", 1, "calendar_never_opens"),
        (shut, start, "working_days", 1, "calendar_never_opens"),
        (open_once, start, "working_hours", 2, "calendar_never_opens"),
        (seldom, start, "working_hours", 2000, "calendar_too_far"),
        (Calendar(), at("2100-12-31 19:00"), "working_hours", 1, "calendar_too_far"),
        (Calendar(), at("2003-06-01 10:00"), "working_hours", 1, "calendar_too_far"),
        (Calendar(), datetime.min.replace(tzinfo=UTC), "working_days", 1, "calendar_too_far"),
        (Calendar(), datetime.max.replace(tzinfo=UTC), "elapsed_hours", 87_840, "calendar_too_far"),
        (Calendar(), at("2095-01-01 10:00"), "calendar_months", 1200, "calendar_too_far"),
        (Calendar(), at("2095-01-01 10:00"), "calendar_days", -36600, "calendar_too_far"),
    ):
        with pytest.raises(Invalid) as refused:
            due(calendar, begun, read_rule({"kind": kind, "value": value}))
        assert refused.value.code == code
    with pytest.raises(Invalid, match="dates_reversed"):
        working_between(Calendar(), start, start - MINUTE)
    with pytest.raises(Invalid, match="dates_reversed"):
        days(Calendar(), date(2026, 3, 2), date(2026, 3, 1))
    with pytest.raises(Invalid, match="calendar_too_far"):
        working_between(Calendar(), start, at("2040-01-01 00:00"))
    with pytest.raises(Invalid, match="value_invalid"):
        add_working(Calendar(), start, -MINUTE)
    with pytest.raises(Invalid, match="value_invalid"):
        add_working_days(Calendar(), start, 0)
    with pytest.raises(ValueError, match="time zone"):
        is_working(Calendar(), datetime(2026, 3, 2))
    assert add_working(Calendar(), start, timedelta()).moment == start
