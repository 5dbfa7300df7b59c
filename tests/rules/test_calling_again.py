"""How somebody may have themselves called again: in order, within the hour, by something."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.features.escalation.personal import LATEST, MOST, Again, Way, calls_again, fault_of

RUNG = datetime(2026, 10, 1, 15, 40, tzinfo=UTC)


def again(minutes: int, *by: Way) -> Again:
    return Again(timedelta(minutes=minutes), by)


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        ([], None),
        ([again(1, "sms"), again(60, "push", "email")], None),
        ([again(one, "sms") for one in range(1, MOST + 1)], None),
        ([again(one, "sms") for one in range(1, MOST + 2)], ("calls_again_too_often", MOST)),
        ([again(0, "sms")], ("calls_again_out_of_order", 0)),
        ([again(5, "sms"), again(5, "push")], ("calls_again_out_of_order", 1)),
        ([again(5, "sms"), again(4, "push")], ("calls_again_out_of_order", 1)),
        ([again(61, "sms")], ("calls_again_out_of_order", 0)),
        ([again(5)], ("calls_again_by_nothing", 0)),
        ([again(5, "sms"), again(6, "push", "push")], ("calls_again_by_nothing", 1)),
    ],
)
def test_what_is_wrong_with_somebodys_rules_is_named_with_its_place(
    rules: list[Again], fault: tuple[str, int] | None
) -> None:
    assert fault_of(rules) == fault


def test_each_call_counts_from_the_first() -> None:
    """From when it rang, never from when the call before it happened to go out."""
    assert calls_again(RUNG, [again(3, "sms"), again(10, "push", "email")]) == [
        (RUNG + timedelta(minutes=3), ("sms",)),
        (RUNG + timedelta(minutes=10), ("push", "email")),
    ]
    assert calls_again(RUNG, []) == []
    assert timedelta(minutes=60) == LATEST
