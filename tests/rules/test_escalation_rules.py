"""When a chain calls whom (CT-05): the rules beside a slow and obvious reading of them, minute by minute."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.features.escalation.rules import (
    SHORTEST,
    Rule,
    Stand,
    Step,
    after_turn,
    at_once,
    rested,
    turn,
    wait_of,
    wait_while_not_set,
)
from backend.features.escalation.words import first_few, time_left

MINUTE = timedelta(minutes=1)
NINE = datetime(2026, 10, 8, 1, tzinfo=UTC)


def plain(start: datetime, rule: Rule) -> datetime:
    return start + timedelta(hours=rule["value"])


def step(minutes: int) -> Step:
    return Step("role", {"kind": "elapsed_hours", "value": minutes / 60}, True)


def obvious(
    waits: Sequence[int], there: Sequence[bool], acts: dict[int, str], until: int
) -> list[tuple[int, int]]:
    """At which minute which step is called, told minute by minute.

    `acts`: at which minutes somebody acknowledges, or everybody who was called declines.
    """
    called, at, next_minute, rests = [], -1, 0, False
    last = len(waits) - 1
    for minute in range(until):
        if minute == next_minute:
            if not (rests and at >= 0):
                at = min(at + 1, last)
            while not there[at] and at < last:
                at += 1
            if there[at]:
                called.append((minute, at))
            rests, next_minute = False, minute + waits[at]
        match acts.get(minute):
            case "acknowledge" if at >= 0:
                rests, next_minute = True, minute + waits[at]
            case "decline" if at >= 0:
                rests, next_minute = False, minute + 1
    return called


def ours(
    waits: Sequence[int], there: Sequence[bool], acts: dict[int, str], until: int
) -> list[tuple[int, int]]:
    """The same by the rules, as a worker goes by them that is never late."""
    steps = tuple(step(one) for one in waits)
    stand = Stand("calling", -1, 0, NINE)
    called: list[tuple[int, int]] = []
    acting = sorted(acts)
    while True:
        act = NINE + acting[0] * MINUTE if acting else None
        if act is not None and act < stand.next_at:
            which = acts[acting.pop(0)]
            if stand.step >= 0:
                stand = (
                    rested(steps, stand, act, plain)
                    if which == "acknowledge"
                    else at_once(stand, act + MINUTE)
                )
            continue
        if stand.next_at >= NINE + until * MINUTE:
            return called
        now = stand.next_at
        turned = turn(steps, stand, lambda at: there[at])
        if turned.calls:
            called.append(((now - NINE) // MINUTE, turned.step))
        stand = after_turn(steps, stand, turned, now, plain)


CHAINS = st.integers(1, 5).flatmap(
    lambda many: st.tuples(
        st.lists(st.integers(5, 60), min_size=many, max_size=many),
        st.lists(st.booleans(), min_size=many, max_size=many),
    )
)
ACTS = st.dictionaries(st.integers(0, 400), st.sampled_from(["acknowledge", "decline"]), max_size=8)


@settings(max_examples=150, deadline=None)
@given(CHAINS, ACTS)
def test_a_chain_calls_whom_and_when_an_obvious_reading_says(
    chain: tuple[list[int], list[bool]], acts: dict[int, str]
) -> None:
    waits, there = chain
    assert ours(waits, there, acts, 500) == obvious(waits, there, acts, 500)


@settings(max_examples=100, deadline=None)
@given(CHAINS, st.integers(0, 2000))
def test_lateness_never_adds_up_and_repeats_are_not_made_up_for(
    chain: tuple[list[int], list[bool]], late: int
) -> None:
    """However late a worker comes: each step once, and then at the moments at which the last would have been called."""
    waits, there = chain
    steps, now = tuple(step(one) for one in waits), NINE + late * MINUTE
    stand = Stand("calling", -1, 0, NINE)
    called: list[int] = []
    while stand.next_at <= now:
        turned = turn(steps, stand, lambda at: there[at])
        if turned.calls:
            called.append(turned.step)
        stand = after_turn(steps, stand, turned, now, plain)
    wished = obvious(waits, there, {}, late + 1)
    assert called == list(dict.fromkeys(one for _, one in wished))
    coming = obvious(waits, [True] * len(waits), {}, late + 500)
    if all(there):
        assert next(minute for minute, _ in coming if minute > late) == (stand.next_at - NINE) // MINUTE


def test_rounds_tell_calls_of_one_step_apart() -> None:
    steps, stand, seen = (step(30), step(30)), Stand("calling", -1, 0, NINE), []
    for number in range(5):
        turned = turn(steps, stand, lambda _: True)
        seen.append((turned.step, turned.round))
        stand = after_turn(steps, stand, turned, stand.next_at, plain)
        if number == 2:
            stand = rested(steps, stand, stand.next_at, plain)
    assert seen == [(0, 1), (1, 1), (1, 2), (1, 3), (1, 4)]


@pytest.mark.parametrize(
    ("whole", "working", "wait"),
    [
        (timedelta(hours=24), False, {"kind": "elapsed_hours", "value": 6}),
        (timedelta(hours=2), True, {"kind": "working_hours", "value": 0.5}),
        (timedelta(minutes=10), False, {"kind": "elapsed_hours", "value": SHORTEST / timedelta(hours=1)}),
        (timedelta(0), True, {"kind": "working_hours", "value": SHORTEST / timedelta(hours=1)}),
    ],
)
def test_while_a_wait_is_not_set_it_is_a_quarter_of_the_clocks_own_time(
    whole: timedelta, working: bool, wait: Rule
) -> None:
    """The method says who comes next and not after how long: ours, and never under five minutes."""
    assert wait_while_not_set(whole, working=working) == wait


@pytest.mark.parametrize(
    ("limit", "wait"),
    [
        (None, None),
        ({"kind": "working_hours", "value": 0}, None),
        ({"kind": "elapsed_minutes", "value": 15}, {"kind": "elapsed_hours", "value": 0.25}),
        ({"kind": "calendar_years", "value": 1}, {"kind": "calendar_months", "value": 12}),
        ({"kind": "working_days", "value": 1}, {"kind": "working_days", "value": 1}),
    ],
)
def test_a_wait_of_the_standard_is_counted_as_it_says(limit: Rule | None, wait: Rule | None) -> None:
    assert wait_of(limit) == wait


def test_what_an_sms_has_no_room_for_is_counted() -> None:
    numbers = [f"G2026-{number:06}" for number in range(4)]
    assert first_few(numbers[:1], "en") == "G2026-000000"
    assert first_few(numbers[:2], "zh-CN") == "G2026-000000、G2026-000001"
    assert first_few(numbers, "zh-CN") == "G2026-000000、G2026-000001 等 4 件"
    assert first_few(numbers, "en") == "G2026-000000, 4 in all"


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(minutes=30, seconds=59), "还剩 30 分钟"),
        (timedelta(minutes=119), "还剩 119 分钟"),
        (timedelta(hours=47, minutes=59), "还剩 47 小时"),
        (timedelta(days=3), "还剩 3 天"),
        (timedelta(0), "已超时 0 分钟"),
        (timedelta(hours=-5), "已超时 5 小时"),
    ],
)
def test_the_time_left_is_said_in_one_unit(left: timedelta, words: str) -> None:
    assert time_left(left, "zh-CN") == words
