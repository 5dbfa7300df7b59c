"""The reference itself, by cases that anybody can count on their fingers."""

from datetime import date, timedelta

from tests.faults.reference_chain import (
    Call,
    Days,
    Watch,
    beijing,
    calls,
    first_contact,
    replied,
    visited,
)

EVE = date(2026, 9, 30)
BACK = date(2026, 10, 8)
# The eve of National Day 2026 and the days after it, as the State Council's notice has them: back on the 8th, and on
# Saturday the 10th.
DAYS = Days(frozenset({EVE, BACK, date(2026, 10, 9), date(2026, 10, 10), date(2026, 10, 12)}))


def test_what_comes_at_night_before_a_holiday() -> None:
    """HC-13, HC-19: contacted within a day of the holiday; answered two days after it."""
    night = beijing(EVE, 23, 40)
    assert first_contact(DAYS, night).due == night + timedelta(hours=24)
    assert replied(DAYS, night).due == beijing(date(2026, 10, 9), 18)
    # Three quarters of fourteen hours are ten and a half: seven on the first day back, three and a half on the second.
    assert replied(DAYS, night).last_warning == beijing(date(2026, 10, 9), 14, 30)


def test_what_comes_shortly_before_closing_goes_on_after_the_holiday() -> None:
    """HC-12: one of its two hours is left."""
    late = first_contact(DAYS, beijing(EVE, 17, 0))
    assert late.due == beijing(BACK, 10)
    assert late.last_warning == beijing(BACK, 9, 30)
    assert late.wait(late.due) == beijing(BACK, 10, 30)


def test_a_week_after_it_was_done_ends_with_a_day() -> None:
    """HC-38."""
    assert visited(beijing(EVE, 16)).due == beijing(BACK, 0)


def test_who_is_called() -> None:
    night = first_contact(DAYS, beijing(EVE, 8))
    six = timedelta(hours=6)
    first = night.starts + 3 * six
    vacant = "project_engineer"
    watch = Watch(lambda role, _: () if role == vacant else (role,), lambda _, due: due)
    assert list(calls(night, watch, first + 4 * six)) == [
        Call(0, 1, first, "hotline_agent"),
        Call(1, 1, first + six, "complaint_specialist"),
        Call(3, 1, first + 2 * six, "head_of_customer_relations"),
        Call(4, 1, first + 3 * six, "leader_in_charge"),
        Call(4, 2, first + 4 * six, "leader_in_charge"),
    ]
    hour = timedelta(hours=1)
    answered = Watch(watch.on_duty, watch.made, acknowledged=[first + hour], ended=first + hour + 2 * six)
    assert list(calls(night, answered, first + 9 * six)) == [
        Call(0, 1, first, "hotline_agent"),
        Call(0, 2, first + hour + six, "hotline_agent"),
    ]
