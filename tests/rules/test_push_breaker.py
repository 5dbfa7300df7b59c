"""The breaker around a channel, with a clock of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.breaker import Breaker, Guarded
from push.message import (
    Accepted,
    Ambiguous,
    DeadAddress,
    Message,
    Outcome,
    Refused,
    RetryAfter,
    Stopped,
)

YES = Accepted("1")
AWAY = RetryAfter(10, "HTTP 503", everybody=True)
LIMITED = RetryAfter(60, "too many for this number")
MESSAGES = [Message(f"a{n}", "t", "b", f"r{n}") for n in range(10)]


@dataclass
class Provider:
    """A channel that answers what it is told to, and counts what it was handed."""

    answers: list[Outcome] = field(default_factory=list)
    otherwise: Outcome = YES
    handed: int = 0

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        self.handed += len(messages)
        return [self.answers.pop(0) if self.answers else self.otherwise for _ in messages]

    async def aclose(self) -> None:
        self.handed = -1


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def heard(breaker: Breaker, *outcomes: Outcome, now: float = 0.0) -> Breaker:
    for outcome in outcomes:
        breaker.hear(outcome, now)
    return breaker


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ([AWAY] * 4, "closed"),
        ([AWAY] * 5, "open"),
        ([Ambiguous("lost")] * 5, "open"),
        ([AWAY] * 4 + [YES] + [AWAY] * 4, "closed"),
        ([AWAY] * 4 + [Refused("too long"), AWAY], "closed"),
        ([AWAY] * 4 + [DeadAddress("gone"), AWAY], "closed"),
        ([AWAY] * 4 + [LIMITED, AWAY], "open"),
        ([LIMITED] * 50, "closed"),
        ([Stopped("one platform's key", everybody=False)] * 50, "closed"),
        ([Stopped("no balance")], "open"),
    ],
)
def test_what_concerns_everybody_opens_it(outcomes: list[Outcome], state: str) -> None:
    breaker = heard(Breaker(), *outcomes)
    assert breaker.state(0.0) == state
    assert breaker.openings == (state == "open")
    assert bool(breaker.reason) == (state == "open")


def test_one_at_a_time_asks_whether_it_is_over_and_pauses_grow() -> None:
    breaker = heard(Breaker(pause=10, longest=35), Stopped("no balance"))
    now, waits = 0.0, []
    for _ in range(4):
        assert breaker.admits(now, 5) == 0
        waits.append(breaker.wait(now))
        now += breaker.wait(now)
        assert breaker.admits(now, 5) == 1
        assert breaker.state(now) == "probing"
        assert breaker.admits(now, 5) == 0, "one probe at a time"
        breaker.hear(AWAY, now)
        assert breaker.state(now) == "open"
    assert waits == [10, 20, 35, 35]
    now += 35
    assert breaker.admits(now, 5) == 1
    breaker.hear(YES, now)
    assert breaker.state(now) == "closed"
    assert (breaker.admits(now, 5), breaker.reason, breaker.openings) == (5, "", 1)


def test_an_answer_from_before_it_opened_closes_nothing() -> None:
    breaker = heard(Breaker(), Stopped("no balance"), YES)
    assert breaker.state(0.0) == "open"


def test_a_probe_that_never_came_back_does_not_block_the_way() -> None:
    breaker = heard(Breaker(pause=10), Stopped("no balance"))
    assert breaker.admits(10, 1) == 1
    assert breaker.admits(11, 1) == 0
    assert breaker.admits(131, 1) == 1


@given(
    st.lists(
        st.tuples(st.sampled_from([YES, AWAY, LIMITED, Stopped("s"), Ambiguous("a")]), st.integers(0, 400))
    )
)
def test_it_never_stays_shut_longer_than_its_longest_pause(steps: list[tuple[Outcome, int]]) -> None:
    breaker, now = Breaker(), 0.0
    for outcome, later in steps:
        now += later
        if breaker.admits(now, 1):
            breaker.hear(outcome, now)
        assert breaker.wait(now) <= 300
    assert breaker.admits(now + 300, 1) == 1


class TestGuarded:
    async def test_while_open_nothing_is_handed_over_and_everybody_is_told_when(self) -> None:
        provider, clock = Provider(otherwise=AWAY), Clock()
        guarded = Guarded(provider, Breaker(pause=30), clock)
        assert await guarded.send(MESSAGES) == [AWAY] * 10
        assert await guarded.send(MESSAGES) == [RetryAfter(30, "HTTP 503", everybody=True)] * 10
        assert provider.handed == 10

    async def test_after_a_probe_that_was_taken_the_rest_follows(self) -> None:
        provider, clock = Provider([Stopped("no balance")]), Clock()
        guarded = Guarded(provider, Breaker(pause=30), clock)
        assert (await guarded.send(MESSAGES[:1])) == [Stopped("no balance")]
        clock.now += 30
        assert await guarded.send(MESSAGES) == [YES] * 10
        assert guarded.breaker.state(clock.now) == "closed"

    async def test_after_a_probe_that_failed_nothing_follows(self) -> None:
        provider, clock = Provider([Stopped("no balance"), Stopped("still none")]), Clock()
        guarded = Guarded(provider, Breaker(pause=30), clock)
        await guarded.send(MESSAGES[:1])
        clock.now += 30
        first, *others = await guarded.send(MESSAGES)
        assert first == Stopped("still none")
        assert others == [RetryAfter(60, "still none", everybody=True)] * 9
        assert provider.handed == 2

    async def test_a_probe_that_says_nothing_of_the_others_lets_one_more_ask(self) -> None:
        provider, clock = Provider([Stopped("no balance"), LIMITED]), Clock()
        guarded = Guarded(provider, Breaker(pause=30), clock)
        await guarded.send(MESSAGES[:1])
        clock.now += 30
        assert await guarded.send(MESSAGES) == [LIMITED] + [YES] * 9

    async def test_it_is_asked_again_after_every_few(self) -> None:
        provider = Provider(otherwise=AWAY)
        outcomes = await Guarded(provider, Breaker(pause=30), Clock(), at_once=3).send(MESSAGES)
        assert provider.handed == 6
        assert outcomes == [AWAY] * 6 + [RetryAfter(30, "HTTP 503", everybody=True)] * 4

    async def test_closing_closes_the_channel_behind(self) -> None:
        provider = Provider()
        assert await Guarded(provider, Breaker()).send([]) == []
        await Guarded(provider, Breaker()).aclose()
        assert provider.handed == -1
