"""Versions: how they are counted (RC-28), which holds on a day (RC-18), and when two are in order (RC-27)."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.features.standard.rules import (
    FIRST,
    Edition,
    VersionsUsedUp,
    effective,
    in_order,
    last_day_in_order,
    next_version,
    standing,
)

DAY = timedelta(days=1)
BEGIN = date(2007, 5, 10)


@pytest.mark.parametrize(
    ("version", "following"), [("A/0", "A/1"), ("A/8", "A/9"), ("A/9", "B/0"), ("Y/9", "Z/0"), ("Z/8", "Z/9")]
)
def test_a_revision_counts_to_nine_and_then_the_letter_moves(version: str, following: str) -> None:
    assert next_version(version) == following


def test_there_are_260_versions_in_the_order_of_their_text() -> None:
    found = [FIRST]
    while found[-1] != "Z/9":
        found.append(next_version(found[-1]))
    with pytest.raises(VersionsUsedUp):
        next_version("Z/9")
    assert (len(found), found[0], found[-1]) == (260, "A/0", "Z/9")
    assert found == sorted(set(found))


def test_the_methods_own_sample() -> None:
    """A/0 of 10 May 2007 (RC-26); its successor of 1 June leaves it in order for ten days after that day."""
    first, second = Edition("A/0", BEGIN, 10), Edition("A/1", date(2007, 6, 1), 10)
    draft = Edition("A/2", None, 10)
    every = [first, second, draft]
    told = {
        day: [(standing(one, every, day), in_order(one, every, day)) for one in every]
        for day in (date(2007, 5, 9), BEGIN, date(2007, 5, 31), date(2007, 6, 1), date(2007, 6, 11))
    }
    waiting = ("draft", False)
    assert told == {
        date(2007, 5, 9): [("approved", False), ("approved", False), waiting],
        BEGIN: [("effective", True), ("approved", False), waiting],
        date(2007, 5, 31): [("effective", True), ("approved", False), waiting],
        date(2007, 6, 1): [("superseded", True), ("effective", True), waiting],
        date(2007, 6, 11): [("superseded", True), ("effective", True), waiting],
    }
    assert last_day_in_order(first, every) == date(2007, 6, 11)
    assert not in_order(first, every, date(2007, 6, 12))
    assert last_day_in_order(second, every) is None


def test_the_days_are_those_of_the_new_version() -> None:
    old = Edition("A/0", BEGIN, 10)
    assert last_day_in_order(old, [old, Edition("A/1", BEGIN + DAY, 3)]) == BEGIN + 4 * DAY


def test_a_third_version_does_not_bring_the_first_back() -> None:
    every = [Edition("A/0", BEGIN, 10), Edition("A/1", BEGIN + DAY, 10), Edition("A/2", BEGIN + 5 * DAY, 10)]
    assert [last_day_in_order(one, every) for one in every] == [BEGIN + 11 * DAY, BEGIN + 15 * DAY, None]


def _laid_out(gaps: list[tuple[int, int]]) -> list[Edition]:
    """One version after the other, so many days apart, each with its own change-over."""
    day, version, found = BEGIN, FIRST, []
    for gap, changeover in gaps:
        day += gap * DAY
        found.append(Edition(version, day, changeover))
        version = next_version(version)
    return [*found, Edition(version, None, 10)]


editions = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 15)), min_size=1, max_size=6).map(_laid_out)


@given(editions, st.integers(-5, 300))
def test_on_every_day_one_holds_and_it_is_in_order(every: list[Edition], ahead: int) -> None:
    on = BEGIN + ahead * DAY
    begun = [one for one in every if one.effective_from is not None and one.effective_from <= on]
    holds = effective(every, on)
    assert holds == (begun[-1] if begun else None)
    assert [one for one in every if standing(one, every, on) == "effective"] == begun[-1:]
    valid = {one.version for one in every if in_order(one, every, on)}
    # Counted day by day: since its successor began no more days have passed than the successor gives.
    expected = {begun[-1].version} if begun else set()
    for one, successor in pairwise(begun):
        assert successor.effective_from is not None
        if sum(1 for _ in range((on - successor.effective_from).days)) <= successor.changeover:
            expected.add(one.version)
    assert valid == expected


@given(editions, st.integers(0, 300))
def test_a_draft_changes_nothing(every: list[Edition], ahead: int) -> None:
    """RC-18: the old text holds until the new one is approved."""
    on = BEGIN + ahead * DAY
    *approved, draft = every
    assert effective(every, on) == effective(approved, on)
    assert [last_day_in_order(one, every) for one in approved] == [
        last_day_in_order(one, approved) for one in approved
    ]
    assert (standing(draft, every, on), in_order(draft, every, on)) == ("draft", False)
