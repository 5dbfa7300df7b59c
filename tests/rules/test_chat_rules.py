"""Who gets which conversation: the longest waiting first, to whoever has room, and always the same."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.features.chat.rules import AtDesk, Queue, Waiting, assign

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
GARDEN: Queue = (UUID(int=1), "hotline_agent")
RIVER: Queue = (UUID(int=2), "hotline_agent")
COMPLAINTS: Queue = (UUID(int=1), "complaint_specialist")


def minute(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


def waits(number: int, queue: Queue = GARDEN, **more: object) -> Waiting:
    """A conversation that has waited since so many minutes after noon."""
    return Waiting(UUID(int=100 + number), queue, minute(number), **more)  # type: ignore[arg-type]  # any of its fields


def sits(number: int, **more: object) -> AtDesk:
    """An agent who is there, free and without a limit, unless `more` says otherwise."""
    facts = {"state": "available", "here": True, "limit": None, "load": 0} | more
    return AtDesk(UUID(int=number), **facts)  # type: ignore[arg-type]  # any of its fields


def given_out(
    waiting: Sequence[Waiting], agents: Sequence[AtDesk], duty: dict[Queue, list[int]]
) -> dict[int, int]:
    on_it = {queue: [UUID(int=one) for one in who] for queue, who in duty.items()}
    return {id_.int - 100: agent.int for id_, agent in assign(waiting, agents, on_it)}


@pytest.mark.parametrize(
    ("waiting", "agents", "duty", "expected"),
    [
        pytest.param([waits(1)], [sits(7)], {GARDEN: [7]}, {1: 7}, id="one for one"),
        pytest.param([waits(1)], [sits(7)], {GARDEN: []}, {}, id="nobody on duty"),
        pytest.param([waits(1)], [sits(7)], {RIVER: [7]}, {}, id="on duty for another project"),
        pytest.param([waits(1, COMPLAINTS)], [sits(7)], {GARDEN: [7]}, {}, id="another role's queue"),
        pytest.param([waits(1)], [sits(7, state="busy")], {GARDEN: [7]}, {}, id="busy"),
        pytest.param([waits(1)], [sits(7, state="away")], {GARDEN: [7]}, {}, id="away"),
        pytest.param([waits(1)], [sits(7, here=False)], {GARDEN: [7]}, {}, id="no socket for a minute"),
        pytest.param([waits(1)], [sits(7, limit=2, load=2)], {GARDEN: [7]}, {}, id="full"),
        pytest.param(
            [waits(3), waits(1), waits(2)],
            [sits(7, limit=2)],
            {GARDEN: [7]},
            {1: 7, 2: 7},
            id="longest first",
        ),
        pytest.param(
            [waits(1)], [sits(7, load=2), sits(8, load=1)], {GARDEN: [7, 8]}, {1: 8}, id="least loaded"
        ),
        pytest.param(
            [waits(1)],
            [sits(7, given_at=minute(-1)), sits(8, given_at=minute(-9))],
            {GARDEN: [7, 8]},
            {1: 8},
            id="longest idle",
        ),
        pytest.param(
            [waits(1)],
            [sits(7, given_at=minute(-9)), sits(8)],
            {GARDEN: [7, 8]},
            {1: 8},
            id="never given any",
        ),
        pytest.param([waits(1)], [sits(8), sits(7)], {GARDEN: [8, 7]}, {1: 7}, id="else by id"),
        pytest.param(
            [waits(1, prefers=UUID(int=8))], [sits(7), sits(8, load=5)], {GARDEN: [7, 8]}, {1: 8}, id="had it"
        ),
        pytest.param(
            [waits(1, prefers=UUID(int=8))],
            [sits(7), sits(8, state="away")],
            {GARDEN: [7, 8]},
            {1: 7},
            id="has left",
        ),
        pytest.param(
            [waits(1, passes_over=UUID(int=7))],
            [sits(7), sits(8, load=9)],
            {GARDEN: [7, 8]},
            {1: 8},
            id="was silent",
        ),
        pytest.param(
            [waits(1, passes_over=UUID(int=7))], [sits(7)], {GARDEN: [7]}, {}, id="nobody but the silent"
        ),
        pytest.param(
            [waits(1, skill="english")],
            [sits(7), sits(8, load=9, skills=frozenset({"english"}))],
            {GARDEN: [7, 8]},
            {1: 8},
            id="skilled",
        ),
        pytest.param(
            [waits(1, skill="english")],
            [sits(7), sits(8, limit=1, load=1, skills=frozenset({"english"}))],
            {GARDEN: [7, 8]},
            {},
            id="waits for the skilled who is on duty",
        ),
        pytest.param(
            [waits(1, skill="english")], [sits(7)], {GARDEN: [7]}, {1: 7}, id="a skill nobody on duty has"
        ),
    ],
)
def test_who_gets_it(
    waiting: list[Waiting], agents: list[AtDesk], duty: dict[Queue, list[int]], expected: dict[int, int]
) -> None:
    assert given_out(waiting, agents, duty) == expected


QUEUES = st.sampled_from([GARDEN, RIVER, COMPLAINTS])
AGENT_IDS = st.integers(1, 6)
SKILLS = st.sampled_from(["english", "repair"])
AGENTS = st.lists(
    st.builds(
        sits,
        AGENT_IDS,
        state=st.sampled_from(["available", "available", "busy", "off"]),
        here=st.booleans() | st.just(True),
        limit=st.none() | st.integers(1, 3),
        load=st.integers(0, 3),
        skills=st.frozensets(SKILLS),
    ),
    unique_by=lambda one: one.id,
)
WAITING = st.lists(
    st.builds(waits, st.integers(0, 30), QUEUES, skill=st.none() | SKILLS),
    unique_by=lambda one: one.id,
    max_size=12,
)
DUTY = st.dictionaries(QUEUES, st.lists(AGENT_IDS, unique=True))


@given(WAITING, AGENTS, DUTY)
def test_nobody_is_given_what_is_not_theirs_and_nobody_jumps_the_queue(
    waiting: list[Waiting], agents: list[AtDesk], duty: dict[Queue, list[int]]
) -> None:
    given_to = given_out(waiting, agents, duty)
    desks = {one.id.int: one for one in agents}
    for number, agent in given_to.items():
        one = next(one for one in waiting if one.id.int - 100 == number)
        assert agent in duty[one.queue]
        assert desks[agent].takes
    for number, desk in desks.items():
        load = desk.load + sum(agent == number for agent in given_to.values())
        assert desk.limit is None or load <= max(desk.limit, desk.load)
    # Whoever waits on could be given to nobody who was given a later one of the same kind.
    alike = sorted(waiting, key=lambda one: (one.queue, one.skill or "", one.since))
    for earlier, later in pairwise(alike):
        if (earlier.queue, earlier.skill) == (later.queue, later.skill) and earlier.since < later.since:
            assert earlier.id.int - 100 in given_to or later.id.int - 100 not in given_to
    # In whatever order they are looked at.
    assert (
        given_out(waiting[::-1], agents[::-1], {queue: who[::-1] for queue, who in duty.items()}) == given_to
    )
