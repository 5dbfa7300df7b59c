"""Who is on duty, against a reference that knows every minute of each position and nothing else."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.clock import SHANGHAI
from backend.features.roster.rules import (
    LOOKS_AHEAD,
    Kind,
    Override,
    Passed,
    Post,
    Shift,
    changes_at,
    held_between,
    on_duty,
    on_duty_until,
    overlapping,
    passed_over,
    stand_in_fault,
)

MINUTE = timedelta(minutes=1)
COMPANY, REGION, PROJECT = (UUID(int=number) for number in (1, 2, 3))
PATH = [COMPANY, REGION, PROJECT]
EVERY_DAY = frozenset(range(1, 8))
FIRST = date(2026, 9, 29)
"""A Tuesday; National Day is on Thursday."""


def moment(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A local time, `day` days after the first."""
    return datetime.combine(FIRST + timedelta(days=day), time(hour, minute), SHANGHAI)


def post(number: int, node: UUID = PROJECT, **more: Any) -> Post:
    made = Post(
        UUID(int=100 + number), UUID(int=200 + number), f"员工{number}", "r", node, date(2020, 1, 1), None
    )
    return replace(made, **more)


def who(posts: list[Post], at: datetime) -> list[str]:
    return [duty.name or "" for duty in on_duty(PATH, posts, at)]


# --- The reference ---------------------------------------------------------------------------------------------


def minutes_of(one: Post, others: list[Post], day: int) -> dict[tuple[int, UUID], set[UUID]]:
    """Who is on duty through one position, at which node: for each minute of a local day, the accounts."""
    today = FIRST + timedelta(days=day)
    by_shifts = set()
    for opened, add in ((today, 0), (today - timedelta(days=1), -1440)):
        for shift in one.shifts:
            valid = (shift.since is None or opened >= shift.since) and (
                shift.until is None or opened < shift.until
            )
            if valid and opened.isoweekday() in shift.weekdays:
                by_shifts |= set(range(max(0, shift.opens + add), max(0, min(1440, shift.closes + add))))
    if not any(
        (s.since is None or today >= s.since) and (s.until is None or today < s.until) for s in one.shifts
    ):
        by_shifts = set(range(1440))
    if today < one.since or (one.until is not None and today >= one.until):
        by_shifts = set()
    found: dict[tuple[int, UUID], set[UUID]] = {}
    for minute in range(0, 1440, STEP):
        at = moment(day) + minute * MINUTE
        held = one.since <= today and (one.until is None or today < one.until)
        override = [o for o in one.overrides if o.since <= at and (o.until is None or at < o.until)]
        people = set()
        if one.works and held and (minute in by_shifts if not override else override[0].kind == "extra"):
            people.add(one.account_id)
        if override and override[0].kind == "absent" and minute in by_shifts:
            for other in others:
                absent = any(
                    o.kind == "absent" and o.since <= at and (o.until is None or at < o.until)
                    for o in other.overrides
                )
                there = other.since <= today and (other.until is None or today < other.until)
                if other.id == override[0].stand_in and other.works and there and not absent:
                    people.add(other.account_id)
        found[minute, one.node_id] = people
    return found


STEP = 30
DAYS = 9

halves = st.integers(0, 47).map(lambda half: half * 30)
days_of = st.none() | st.integers(-2, DAYS).map(lambda day: FIRST + timedelta(days=day))
shifts = st.builds(
    lambda weekdays, opens, length, since, until: Shift(weekdays, opens, opens + length, since, until),
    st.frozensets(st.integers(1, 7), min_size=1),
    halves,
    st.integers(1, 48).map(lambda half: half * 30),
    days_of,
    days_of,
)
times = st.integers(-48, DAYS * 48).map(lambda half: moment(0) + half * 30 * MINUTE)


@st.composite
def overrides(draw: st.DrawFn, number: int) -> tuple[Override, ...]:
    """Up to two, one after the other."""
    cuts = sorted(draw(st.lists(times, min_size=4, max_size=4, unique=True)))
    made = []
    for place in range(draw(st.integers(0, 2))):
        kind: Kind = draw(st.sampled_from(["absent", "extra"]))
        endless = place == 1 and kind == "absent" and draw(st.booleans())
        stand_in = draw(st.none() | st.integers(0, 3)) if kind == "absent" else None
        made.append(
            Override(
                UUID(int=1000 + number * 10 + place),
                kind,
                cuts[place * 2],
                None if endless else cuts[place * 2 + 1],
                None if stand_in in (None, number) else UUID(int=100 + (stand_in or 0)),
            )
        )
    return tuple(made)


@st.composite
def everybody(draw: st.DrawFn) -> list[Post]:
    return [
        post(
            number,
            draw(st.sampled_from(PATH)),
            shifts=tuple(draw(st.lists(shifts, max_size=3))),
            overrides=draw(overrides(number)),
            works=draw(st.integers(0, 9)) > 0,
            since=draw(st.sampled_from([date(2020, 1, 1), FIRST + timedelta(days=2)])),
            until=draw(st.sampled_from([None, FIRST + timedelta(days=6)])),
        )
        for number in range(draw(st.integers(1, 4)))
    ]


@given(everybody(), times.filter(lambda at: at >= moment(0)))
@settings(deadline=None, max_examples=60)
def test_as_counted_minute_by_minute(posts: list[Post], asked: datetime) -> None:
    expected: dict[datetime, set[tuple[UUID, UUID]]] = {}
    here: dict[datetime, set[tuple[UUID, UUID]]] = {}
    for day in range(DAYS):
        counted = [minutes_of(one, posts, day) for one in posts]
        for minute in range(0, 1440, STEP):
            at = moment(day) + minute * MINUTE
            here[at] = {
                (account, node)
                for of_one in counted
                for node in PATH
                for account in of_one.get((minute, node), set())
            }
            nearest = [node for node in reversed(PATH) if any(where == node for _, where in here[at])]
            expected[at] = {pair for pair in here[at] if nearest and pair[1] == nearest[0]}
    for at, there in expected.items():
        found = on_duty(PATH, posts, at)
        assert {(duty.account_id, duty.node_id) for duty in found} == there
        assert len({duty.account_id for duty in found}) == len(found)
    later = [at for at in expected if at > asked]
    if asked not in expected:
        return
    change = next((at for at in later if expected[at] != expected[asked]), None)
    found_change = changes_at(PATH, posts, asked)
    assert change == found_change or (
        change is None and (found_change is None or found_change >= moment(DAYS))
    )
    for duty in on_duty(PATH, posts, asked):
        pair = (duty.account_id, duty.node_id)
        ends = next((at for at in later if pair not in here[at]), None)
        until = on_duty_until(posts, duty, asked)
        assert until == ends or (ends is None and (until is None or until >= moment(DAYS)))


# --- Told one by one -------------------------------------------------------------------------------------------

NIGHT = Shift(EVERY_DAY, 1200, 1920)
DAY = Shift(EVERY_DAY, 480, 1200)


def test_a_night_over_national_day() -> None:
    """HC-01: the hotline knows no holidays. Who is off is absent, and somebody stands in, over midnight too."""
    off = Override(UUID(int=9), "absent", moment(2), moment(9), UUID(int=101))
    by_night, by_day = post(0, shifts=(NIGHT,), overrides=(off,)), post(1, shifts=(DAY,))
    posts = [by_night, by_day]
    assert who(posts, moment(1, 23, 59)) == ["员工0"]
    assert who(posts, moment(2, 0, 0)) == ["员工1"]
    assert who(posts, moment(2, 7, 59)) == ["员工1"]
    [duty] = on_duty(PATH, posts, moment(2, 3))
    assert (duty.ground, duty.stands_in_for) == ("stand_in", by_night.id)
    # Their own day follows on the night they stand in for, without a break, all through the holiday.
    assert on_duty_until(posts, duty, moment(2, 3)) == moment(9)
    assert changes_at(PATH, posts, moment(2, 3)) == moment(9)
    assert who(posts, moment(9, 0, 0)) == ["员工0"]
    assert who(posts, moment(9, 8, 0)) == ["员工1"]


def test_the_night_before_runs_out() -> None:
    """A shift belongs to the day it opens on; a position that is over ends at midnight whatever its shift."""
    last = replace(NIGHT, until=FIRST + timedelta(days=1))
    following = Shift(EVERY_DAY, 600, 660, since=FIRST + timedelta(days=1))
    posts = [post(0, shifts=(last, following))]
    assert who(posts, moment(1, 7, 59)) == ["员工0"]
    assert who(posts, moment(1, 8)) == []
    assert who([replace(posts[0], until=FIRST + timedelta(days=1))], moment(1, 1)) == []


def test_after_hours_the_next_node_up() -> None:
    """CT-39, FM-60; vacant and off duty are told apart."""
    posts = [post(0, shifts=(DAY,)), post(1, COMPANY, shifts=(NIGHT,))]
    assert who(posts, moment(0, 12)) == ["员工0"]
    at = moment(0, 22)
    found = on_duty(PATH, posts, at)
    assert [duty.name for duty in found] == ["员工1"]
    assert passed_over(PATH, posts, at, found) == [Passed(PROJECT, "off_duty"), Passed(REGION, "vacant")]
    assert changes_at(PATH, posts, at) == moment(1, 8).astimezone(UTC)


def test_who_is_absent_does_not_stand_in() -> None:
    """Nor is there a chain of stand-ins: the next node up is asked."""
    off = Override(UUID(int=9), "absent", moment(0), moment(9), UUID(int=101))
    away = Override(UUID(int=8), "absent", moment(1), None, UUID(int=102))
    posts = [
        post(0, overrides=(off,)),
        post(1, REGION, shifts=(DAY,), overrides=(away,)),
        post(2, COMPANY, shifts=(DAY,)),
    ]
    assert who(posts, moment(0, 3)) == ["员工1"]
    assert who(posts, moment(1, 3)) == []
    assert [(duty.name, duty.node_id) for duty in on_duty(PATH, posts, moment(1, 9))] == [("员工2", REGION)]


def test_what_lasts_has_no_end_in_sight() -> None:
    posts = [post(0), post(1, until=FIRST + timedelta(days=60))]
    for duty in on_duty(PATH, posts, moment(0)):
        assert on_duty_until(posts, duty, moment(0)) is None
    assert changes_at(PATH, posts, moment(60) - LOOKS_AHEAD) == moment(60)
    assert changes_at(PATH, posts, moment(60) - LOOKS_AHEAD - MINUTE) is None


@given(st.lists(shifts, min_size=2, max_size=2))
def test_shifts_overlap_when_some_minute_is_in_both(pair: list[Shift]) -> None:
    def opened(shift: Shift) -> list[tuple[int, int]]:
        days = range(-30, 40)
        return [
            (day * 1440 + shift.opens, day * 1440 + shift.closes)
            for day in days
            if shift.opens_on(FIRST + timedelta(days=day))
        ]

    spans = sorted(span for shift in pair for span in opened(shift))
    # A shift never meets itself: it is at most a day long.
    assert (overlapping(pair) is not None) == any(later[0] < earlier[1] for earlier, later in pairwise(spans))


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (Shift(frozenset({2}), 0, 120), Shift(frozenset({1}), 1320, 1500), True),
        (Shift(frozenset({1}), 0, 120), Shift(frozenset({7}), 1320, 1500), True),
        (Shift(frozenset({2}), 60, 120), Shift(frozenset({1}), 1320, 1500), False),
        (Shift(frozenset({2}), 0, 120), Shift(frozenset({1}), 1320, 1500, until=date(2026, 9, 28)), True),
        (Shift(frozenset({2}), 0, 120, since=date(2026, 9, 29)), Shift(frozenset({1}), 1320, 1500), True),
        (
            Shift(frozenset({2}), 0, 120, since=date(2026, 9, 29)),
            Shift(frozenset({1}), 1320, 1500, until=date(2026, 9, 28)),
            False,
        ),
        (
            Shift(frozenset({2}), 0, 120, since=date(2026, 9, 29)),
            Shift(frozenset({1}), 1320, 1500, until=date(2026, 9, 29)),
            True,
        ),
    ],
)
def test_shifts_that_meet_over_midnight(one: Shift, other: Shift, meet: bool) -> None:
    assert overlapping([one, other]) == overlapping([other, one]) == (1 if meet else None)


@pytest.mark.parametrize(
    ("change", "since", "until", "fault"),
    [
        ({}, moment(1), None, None),
        ({"account_id": UUID(int=200)}, moment(1), None, "stand_in_same_person"),
        ({"role": "s"}, moment(1), None, "stand_in_other_role"),
        ({"node_id": UUID(int=4)}, moment(1), None, "stand_in_elsewhere"),
        ({"node_id": COMPANY}, moment(1), None, None),
        ({"works": False}, moment(1), None, "stand_in_not_then"),
        ({"since": FIRST + timedelta(days=2)}, moment(1), None, "stand_in_not_then"),
        ({"until": FIRST + timedelta(days=2)}, moment(1), None, "stand_in_not_then"),
        ({"until": FIRST + timedelta(days=2)}, moment(1), moment(2), None),
        ({"until": FIRST + timedelta(days=2)}, moment(1), moment(2, 0, 1), "stand_in_not_then"),
        (
            {"overrides": (Override(UUID(int=9), "absent", moment(3), moment(4)),)},
            moment(1),
            None,
            "stand_in_absent",
        ),
        ({"overrides": (Override(UUID(int=9), "absent", moment(3), moment(4)),)}, moment(1), moment(3), None),
        ({"overrides": (Override(UUID(int=9), "extra", moment(1), moment(4)),)}, moment(1), moment(3), None),
    ],
)
def test_who_can_stand_in(
    change: dict[str, Any], since: datetime, until: datetime | None, fault: str | None
) -> None:
    assert stand_in_fault(post(0), PATH, replace(post(1), **change), since, until) == fault


def test_a_position_is_held_for_a_time() -> None:
    held = post(0, since=FIRST, until=FIRST + timedelta(days=2))
    assert held_between(held, moment(1, 23), None)
    assert not held_between(held, moment(2), None)
    assert held_between(held, moment(-3), moment(0, 1))
    assert not held_between(held, moment(-3), moment(0))
