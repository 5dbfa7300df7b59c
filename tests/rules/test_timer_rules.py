"""When the database's clock is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.platform.timers.rules import TOLERANCE, Reading, Verdict, ahead_of, judge, jumped

HOUR = 3600.0
SECONDS = st.floats(min_value=0, max_value=1e6)
BRIEF = st.floats(min_value=0, max_value=30)


@given(SECONDS, BRIEF, SECONDS, BRIEF, st.floats(0, 1), st.floats(0, 1))
def test_a_clock_that_goes_with_ours_is_never_ahead(
    at: float, took: float, gone: float, took_again: float, where: float, where_again: float
) -> None:
    """However long an answer took to come: the database may have read its clock at any moment of that time."""
    first = Reading(1e9 + at + took * where, at, at + took)
    later = at + took + gone
    second = Reading(1e9 + later + took_again * where_again, later, later + took_again)
    assert abs(ahead_of(first, second)) < 1e-3
    assert not jumped(ahead_of(first, second))


@given(SECONDS, BRIEF, st.floats(min_value=TOLERANCE + 31, max_value=1e7), st.sampled_from([1, -1]))
def test_a_jump_is_seen_either_way(gone: float, took: float, by: float, way: int) -> None:
    first = Reading(1e9, 0, 0)
    second = Reading(1e9 + gone + way * by, gone, gone + took)
    seen = ahead_of(first, second)
    assert jumped(seen)
    assert seen * way > 0
    assert by - took - 1e-3 <= abs(seen) <= by + took + 1e-3


@pytest.mark.parametrize(
    ("ahead", "votes", "waited", "verdict"),
    [
        (0.0, [], False, "steady"),
        (TOLERANCE, [HOUR, HOUR], False, "steady"),
        (-TOLERANCE, [None], True, "steady"),
        # The only one alive is believed, two who saw the same too.
        (HOUR, [], False, "jumped"),
        (-HOUR, [], False, "jumped"),
        (HOUR, [HOUR], False, "jumped"),
        (HOUR, [0.0, HOUR], False, "jumped"),
        (HOUR, [None, HOUR - 5], False, "jumped"),
        # Who has not looked yet is waited for, but not for ever.
        (HOUR, [None], False, "waits"),
        (HOUR, [0.0, None], False, "waits"),
        (HOUR, [None], True, "jumped"),
        # One against others has a clock of its own that is wrong.
        (HOUR, [0.0], False, "mistaken"),
        (HOUR, [-HOUR], False, "mistaken"),
        (HOUR, [0.0, None], True, "mistaken"),
    ],
)
def test_who_is_believed(ahead: float, votes: list[float | None], waited: bool, verdict: Verdict) -> None:
    assert judge(ahead, votes, waited=waited) == verdict
