"""Times that can be offered, reminders, and what a visit comes to."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.features.repairs.rules.visits import (
    ABORTIVE,
    FURTHEST,
    LONGEST_VISIT,
    MOST_TIMES,
    REMIND,
    Span,
    may_be_missed_by_engineer,
    may_come_to_nothing,
    outcome_of,
    reminders,
    time_faults,
)

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_what_cannot_be_meant_is_named_with_its_place() -> None:
    good = Span(NOW + DAY, NOW + DAY + HOUR)
    assert time_faults([good], now=NOW) == ()
    cases = {
        "time_reversed": Span(NOW + DAY, NOW + DAY),
        "time_past": Span(NOW, NOW + HOUR),
        "time_too_long": Span(NOW + DAY, NOW + DAY + LONGEST_VISIT + HOUR),
        "time_too_far": Span(NOW + FURTHEST + HOUR, NOW + FURTHEST + HOUR + HOUR),
        "time_twice": good,
    }
    for code, wrong in cases.items():
        [fault] = time_faults([good, wrong], now=NOW)
        assert fault.code == code
        assert fault.field.startswith("times.1")
    assert [one.code for one in time_faults([], now=NOW)] == ["times_missing"]
    many = [Span(NOW + DAY + HOUR * n, NOW + DAY + HOUR * (n + 1)) for n in range(MOST_TIMES + 1)]
    assert [one.code for one in time_faults(many, now=NOW)] == ["times_too_many"]


@given(st.timedeltas(timedelta(minutes=1), timedelta(days=90)))
def test_nobody_is_reminded_of_what_is_past(ahead: timedelta) -> None:
    due = reminders(NOW + ahead, now=NOW)
    assert all(NOW < one < NOW + ahead for one in due)
    assert len(due) == sum(before < ahead for before in REMIND)


def test_nobody_is_said_to_have_missed_a_visit_before_it() -> None:
    span = Span(NOW, NOW + HOUR)
    assert not may_be_missed_by_engineer(span, now=NOW + HOUR - timedelta(seconds=1))
    assert may_be_missed_by_engineer(span, now=NOW + HOUR)
    assert not may_come_to_nothing(span, at=NOW - timedelta(seconds=1))
    assert may_come_to_nothing(span, at=NOW)
    assert {reason: outcome_of(reason) for reason in ABORTIVE if outcome_of(reason) != "abortive"} == {
        "nobody_home": "missed_by_owner"
    }
