"""How a clock is counted, warns, stands still and ends: those of tickets, of cases, and whose chain is foreseen."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.features.standard.document import Due, counted_by
from backend.features.standard.shipped import shipped
from backend.platform.calendar import Calendar, working_between
from backend.platform.clocks import due_at, ended, marks_of, next_look, passed, put_off

# A Monday, ten in the morning in Shanghai.
MONDAY = datetime(2026, 11, 23, 2, tzinfo=UTC)


def test_first_contact_outside_working_time_is_counted_as_time_passes() -> None:
    """HC-12, HC-13, CT-06."""
    standard = shipped("six-plus-two")
    assert standard is not None
    clock = next(one for one in standard.clocks if one.code == "C2")
    assert clock.limit(working=True) == Due(kind="working_hours", value=2)
    assert clock.limit(working=False) == Due(kind="elapsed_hours", value=24)
    alone = clock.model_copy(update={"outside_hours": None})
    assert alone.limit(working=False) == alone.due
    night = MONDAY + timedelta(hours=13)
    assert due_at(Calendar(), night, {"kind": "elapsed_hours", "value": 24}).moment == night + timedelta(
        hours=24
    )
    assert counted_by({"kind": "elapsed_minutes", "value": 30}) == {"kind": "elapsed_hours", "value": 0.5}


def test_what_was_agreed_moves_by_as_long_as_it_stood_and_what_was_late_stays_late() -> None:
    calendar, rule = Calendar(), {"kind": "working_hours", "value": 4}
    due = due_at(calendar, MONDAY, rule).moment
    paused = MONDAY + timedelta(hours=1)
    now = paused + timedelta(days=1)
    assert put_off(calendar, None, due, paused, now) == due + timedelta(days=1)
    assert put_off(calendar, rule, paused, now, now + timedelta(days=1)) == paused


def test_when_a_clock_is_looked_at_and_how_it_ends() -> None:
    due = MONDAY + timedelta(hours=4)
    marks = marks_of(Calendar(), None, MONDAY, due, (75, 50))
    assert marks == [MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=3)]
    looks = [next_look(marks, warned, due) for warned in range(3)]
    assert looks == [*marks, due]
    assert [passed(marks, moment) for moment in (MONDAY, *looks)] == [0, 1, 2, 2]
    assert marks_of(Calendar(), None, due, MONDAY, (50,)) == []
    assert ended("running", due, due) == "met"
    assert ended("running", due, due + timedelta(seconds=1)) == ended("breached", due, due) == "met_late"


@given(st.datetimes(datetime(2026, 9, 20), datetime(2026, 10, 20)), st.integers(1, 40), st.booleans())
def test_warnings_are_shares_of_the_clocks_own_time(at: datetime, hours: int, working: bool) -> None:
    """Half of four working hours is two working hours, over the whole of National Day (CT-05, CT-07)."""
    calendar, starts = Calendar(hours_set=True), at.replace(tzinfo=UTC)
    rule = {"kind": "working_hours" if working else "elapsed_hours", "value": hours}
    due = due_at(calendar, starts, rule).moment
    half, last = marks_of(calendar, rule, starts, due, (50, 75))
    assert starts <= half <= last <= due
    if working:
        assert working_between(calendar, starts, half) == timedelta(hours=hours) / 2
        assert working_between(calendar, last, due) == timedelta(hours=hours) / 4
    else:
        assert (half - starts, due - last) == (timedelta(hours=hours) / 2, timedelta(hours=hours) / 4)


@given(st.datetimes(datetime(2026, 9, 28), datetime(2026, 10, 9)), st.integers(1, 200), st.booleans())
def test_what_was_left_when_it_stood_still_is_left(at: datetime, stood: int, working: bool) -> None:
    calendar, starts = Calendar(hours_set=True), at.replace(tzinfo=UTC)
    rule = {"kind": "working_hours" if working else "elapsed_hours", "value": 8}
    due = due_at(calendar, starts, rule).moment
    resumed = starts + timedelta(hours=stood)
    again = put_off(calendar, rule, due, starts, resumed)
    if working:
        assert working_between(calendar, resumed, again) == timedelta(hours=8)
    else:
        assert again - resumed == timedelta(hours=8)
    assert put_off(calendar, rule, starts, starts, resumed) == starts
