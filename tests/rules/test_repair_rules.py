"""The states of a ticket, its gates, who is chosen."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from backend.features.people.rules import TRADES
from backend.features.repairs.acts import ACTS
from backend.features.repairs.rules.choosing import TRADE_OF, Candidate, choose, trade_for
from backend.features.repairs.rules.gates import COVERS, PROTECTIONS, Standing, missing, ticks
from backend.features.repairs.rules.states import ENDED, MOVES, STATES, STEPS, Part, State, leads, legal
from backend.features.repairs.service.moves import EFFECTS

PARTS: tuple[Part, ...] = ("owner", "engineer", "desk", "manager")
# A Monday, ten in the morning in Shanghai.
MONDAY = datetime(2026, 11, 23, 2, tzinfo=UTC)


def test_every_move_has_what_it_brings_and_what_it_does() -> None:
    assert MOVES.keys() == ACTS.keys() == EFFECTS.keys()
    assert {state for move in MOVES.values() for state in (*move.sources, move.target) if state} == set(
        STATES
    )


def test_every_state_but_the_last_ones_leads_on_and_every_ticket_can_end() -> None:
    reach = {"reported"}
    while more := {target for source, target in STEPS if source in reach} - reach:
        reach |= more
    assert reach == set(STATES)
    ends = set(ENDED)
    while more := {source for source, target in STEPS if target in ends} - ends:
        ends |= more
    assert ends == set(STATES)
    # Over is over, but for the owner who finds that it is not (and a change of the engineer, who would have it then).
    assert legal("closed", PARTS) == ["rate", "reopen", "succeed"]
    assert legal("cancelled", PARTS) == ["succeed"]


@pytest.mark.parametrize(
    ("move", "part"),
    [
        ("tick_cleaning", "owner"), ("sign", "owner"), ("reject", "owner"), ("succeed", "manager"),
        ("start", "engineer"), ("finish", "engineer"), ("protect", "engineer"), ("decide_living", "manager"),
    ],
)  # fmt: skip
def test_what_only_one_part_may_do(move: str, part: str) -> None:
    """RP-04, RP-07, RC-10, CT-17: the owner signs, the engineer works, a manager approves."""
    assert MOVES[move].parts == (part,)


def test_the_engineer_never_visits_closes_or_judges() -> None:
    """CT-30."""
    for code in ("visit", "visit_unsettled", "close", "overrule", "uphold"):
        assert "engineer" not in MOVES[code].parts


class Ticket(RuleBasedStateMachine):
    """Anybody makes any move at any time; a model of the gates says what must have been there before."""

    def __init__(self) -> None:
        super().__init__()
        self.state: State = "reported"
        self.visit = 0
        self.covered: set[tuple[int, str]] = set()
        self.done: set[tuple[str, int]] = set()
        self.booked: set[int] = set()

    @initialize(urgent=st.booleans())
    def begins(self, urgent: bool) -> None:
        self.urgent = urgent

    def standing(self) -> Standing:
        return Standing(
            urgent=self.urgent,
            proposed=("propose", 0) in self.done,
            covered=frozenset(item for visit, item in self.covered if visit == self.visit),
            livable=True,
            finished=("finish", self.visit) in self.done,
            cleaning_booked=self.visit in self.booked,
            cleaning_ticked=("tick_cleaning", self.visit) in self.done,
        )

    @rule(code=st.sampled_from(sorted(MOVES)), part=st.sampled_from(PARTS), item=st.sampled_from(PROTECTIONS))
    def moves(self, code: str, part: Part, item: str) -> None:
        move = MOVES[code]
        if code not in legal(self.state, {part}) or missing(move.needs, self.standing()):
            return
        before, self.state = self.state, leads(move, self.state)
        assert before == self.state or (before, self.state) in STEPS
        if code == "arrive":
            self.visit += 1
        if code == "protect":
            self.covered.add((self.visit, item))
        if code == "book_cleaning":
            self.booked.add(self.visit)
        self.done.add((code, 0 if code == "propose" else self.visit))

    @invariant()
    def no_gate_is_passed_without_its_evidence(self) -> None:
        here = {item for visit, item in self.covered if visit == self.visit}
        if self.state in {"working", "done", "cleaned", "signed"}:
            assert here == set(PROTECTIONS)
        if self.state in {"done", "cleaned", "signed", "visited"}:
            assert ("finish", self.visit) in self.done
        if self.state in {"cleaned", "signed"}:
            assert self.visit in self.booked
            assert ("tick_cleaning", self.visit) in self.done
        if self.state == "signed":
            assert ("sign", self.visit) in self.done
        if self.state == "visited":
            assert ("visit", self.visit) in self.done


TestTicket = Ticket.TestCase


def test_work_waits_for_every_cover_and_for_a_word_on_living_conditions() -> None:
    """RP-06, RP-11, RP-13, FM-55."""
    bare = Standing(livable=True)
    assert missing("protected", bare) == list(PROTECTIONS)
    covered = frozenset(PROTECTIONS)
    assert missing("protected", Standing(covered=covered, livable=True)) == []
    for living, lacks in ((None, True), ("asked", True), ("granted", False), ("declined", False)):
        stands = Standing(covered=covered, livable=False, living=living)
        assert missing("protected", stands) == (["living_conditions"] if lacks else [])


def test_the_four_ticks() -> None:
    """RP-02, RP-05, RP-07, RP-10."""
    full = Standing(covered=frozenset(PROTECTIONS), livable=True, finished=True, cleaning_ticked=True)
    assert set(ticks(full).values()) == {True}
    assert ticks(Standing(engineers=2))["one_person"] is False
    assert ticks(Standing(covered=frozenset(COVERS)))["zero_worry"] is False


def candidate(number: int, *trades: str, distance: int = 1, on_duty: bool = True, load: int = 0) -> Candidate:
    return Candidate(UUID(int=number), f"员工{number}", distance, frozenset(trades), on_duty, load)


@pytest.mark.parametrize(
    ("candidates", "chosen", "match"),
    [
        ([candidate(1, "plumbing", load=9), candidate(2, "general")], 1, "trade"),
        ([candidate(1, "electrical"), candidate(2)], 2, "general"),
        ([candidate(1, "electrical")], 1, "any"),
        ([candidate(1, "plumbing", load=3), candidate(2, "plumbing", load=2)], 2, "trade"),
        ([candidate(1, "plumbing", on_duty=False), candidate(2, "plumbing", load=5)], 2, "trade"),
        ([candidate(1, "plumbing", distance=3), candidate(2, "plumbing", load=5)], 2, "trade"),
    ],
)
def test_who_is_chosen(candidates: list[Candidate], chosen: int, match: str) -> None:
    found = choose("plumbing", candidates)
    assert found is not None
    assert (found.account_id.int, found.because["match"]) == (chosen, match)


@given(
    st.permutations(
        [candidate(n, *trades, load=n % 3) for n, trades in enumerate([("plumbing",)] * 4 + [()] * 3, 1)]
    )
)
def test_the_order_of_candidates_means_nothing(shuffled: list[Candidate]) -> None:
    found = choose("plumbing", shuffled)
    assert found is not None
    assert found.account_id == UUID(int=3)


def test_nobody_is_chosen_of_none_and_every_trade_is_one() -> None:
    assert choose("plumbing", []) is None
    assert set(TRADE_OF.values()) <= set(TRADES)
    assert trade_for("nothing-we-know") in TRADES
