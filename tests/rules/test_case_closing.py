"""When a case closes, who approves a claim, and what the rates say."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.features.hotline.rules.claims import GAPS, Level, may_approve, next_step, rises, steps_of
from backend.features.hotline.rules.closing import (
    Ending,
    Grounds,
    Reason,
    lacking_to_ask,
    missing,
    needs_visit,
    reopens,
)
from backend.features.hotline.rules.rates import ClockCounts, Counts, Rate, total
from backend.features.standard.service import shipped

METHOD = shipped("six-plus-two")
assert METHOD is not None
REASONS = {
    one.code.replace("-", "_"): Reason(one.code.replace("-", "_"), one.needs_approval, one.needs_return_visit)
    for one in METHOD.closing_reasons
}
DONE = Ending(answered=True, visited=True)
SIGNED = Grounds(legal_basis=True, review_date=True, approved=True)
ENDINGS = st.builds(
    Ending,
    reachable=st.booleans(),
    common_part=st.booleans(),
    answered=st.booleans(),
    verdict=st.sampled_from((None, "valid", "invalid")),
    explained=st.booleans(),
    visited=st.booleans(),
    accepts=st.sampled_from((None, True, False)),
    claims_open=st.integers(0, 2),
)
GROUNDS = st.builds(Grounds, st.booleans(), st.booleans(), st.booleans())


def test_each_reason_demands_what_the_method_says() -> None:
    """HC-25, HC-37 to HC-41, CT-28, CT-29."""
    assert set(REASONS) == {"accepted", "no_contact", "invalid", "lawful", "beyond_authority"}
    nothing, bare = Ending(), Grounds()
    assert {code: missing(reason, nothing, bare) for code, reason in REASONS.items()} == {
        "accepted": ["answer", "return_visit", "acceptance"],
        "no_contact": ["answer", "contact", "review_date", "approval"],
        "invalid": ["verdict", "explanation", "return_visit", "review_date", "approval"],
        "lawful": ["answer", "return_visit", "legal_basis", "review_date", "approval"],
        "beyond_authority": ["answer", "return_visit", "review_date", "approval"],
    }
    assert missing(REASONS["accepted"], replace(DONE, accepts=True), bare) == []
    assert missing(REASONS["lawful"], DONE, SIGNED) == []
    assert (
        missing(REASONS["beyond_authority"], replace(DONE, accepts=False), replace(SIGNED, legal_basis=False))
        == []
    )
    assert missing(REASONS["invalid"], Ending(verdict="invalid", explained=True, visited=True), SIGNED) == []


def test_a_closing_without_acceptance_is_asked_for_before_the_visit_and_the_approval() -> None:
    """HC-40: what others do afterwards is not asked of whoever asks; the grounds are."""
    lawful = REASONS["lawful"]
    assert lacking_to_ask(lawful, Ending(), Grounds()) == ["answer", "legal_basis", "review_date"]
    assert lacking_to_ask(lawful, Ending(answered=True), Grounds(legal_basis=True, review_date=True)) == []
    assert lacking_to_ask(lawful, Ending(answered=True, claims_open=1), SIGNED) == ["claims_open"]


@given(st.sampled_from(sorted(REASONS)), ENDINGS, GROUNDS)
def test_with_contact_details_nothing_closes_without_a_return_visit(
    code: str, ending: Ending, grounds: Grounds
) -> None:
    """HC-38, CT-30; HC-37 closes on the reply what is about common parts."""
    reason = REASONS[code]
    closes = not missing(reason, ending, grounds)
    if closes and ending.reachable and not ending.visited:
        assert code == "no_contact"
        assert ending.common_part
    if closes and code != "accepted":
        assert grounds.approved
        assert grounds.review_date
    if closes and code == "accepted":
        assert ending.visited
        assert ending.accepts
    if closes:
        assert ending.claims_open == 0
        assert needs_visit(reason, ending) <= ending.visited
        assert lacking_to_ask(reason, ending, grounds) == []


@pytest.mark.parametrize(
    ("accepts", "low", "asked_for", "opens"),
    [
        (True, False, None, False),
        (True, True, None, True),
        (False, False, None, True),
        (None, False, None, False),
        (False, False, "accepted", True),
        (False, True, "lawful", False),
        (False, False, "beyond_authority", False),
        (False, False, "invalid", False),
    ],
)
def test_a_low_answer_at_the_visit_opens_the_case_again(
    accepts: bool | None, low: bool, asked_for: str | None, opens: bool
) -> None:
    """GP-03, CS-08."""
    assert reopens(accepts, low=low, asked_for=asked_for) is opens


TABLE = [Level("customer_manager", 100_000), Level("head", 1_000_000), Level("leader", None)]


def test_the_table_of_approval_ships_not_set_and_blocks_by_name() -> None:
    """GP-01, GP-02, CT-43."""
    assert METHOD is not None
    settings = {one.code: one for one in METHOD.settings}
    for code, gap in zip(("approval-limits", "house-change"), GAPS.values(), strict=True):
        not_set = settings[code].not_set
        assert not_set is not None
        assert not_set.gap == gap
    assert steps_of([], 1) == steps_of([], None) == "claim_table_not_set"


def test_a_claim_goes_up_step_by_step_to_whoever_may_grant_it() -> None:
    """HC-44, CT-43."""
    assert steps_of(TABLE, 100_000) == TABLE[:1]
    assert steps_of(TABLE, 100_001) == TABLE[:2]
    assert steps_of(TABLE, 1_000_001) == TABLE
    assert steps_of(TABLE, None) == TABLE
    assert steps_of(TABLE[:2], 1_000_001) == "claim_beyond_limits"
    assert steps_of(TABLE[:2], None) == "claim_amount_missing"
    assert rises(TABLE)
    assert rises([])
    assert not rises([TABLE[0], TABLE[0]])
    assert not rises([TABLE[2], TABLE[1]])
    assert [next_step(TABLE[:2], done) for done in range(3)] == [TABLE[0], TABLE[1], None]


def test_nobody_approves_their_own_claim_nor_at_two_levels() -> None:
    asker, one, two = uuid4(), uuid4(), uuid4()
    level = TABLE[0]

    def may(who: UUID, roles: set[str], approved: list[UUID]) -> str | None:
        return may_approve(level, roles, who, asker, approved)

    assert may(one, {"customer_manager"}, []) is None
    assert may(one, {"head"}, []) == "claim_not_your_level"
    assert may(asker, {"customer_manager"}, []) == "claim_not_your_own"
    assert may(two, {"customer_manager"}, [one]) is None
    assert may(one, {"customer_manager"}, [one]) == "claim_approved_twice"


@given(st.integers(0, 2_000), st.integers(0, 2_000))
def test_a_hundred_percent_is_said_only_where_nothing_is_missing(count: int, more: int) -> None:
    """HC-27, HC-28, TM-26: the target is 100%."""
    rate = Rate(count, count + more)
    assert (rate.percent == 100) == (more == 0 and count > 0)
    assert rate.meets(100) == (more == 0)
    assert (rate.percent is None) == (count + more == 0)


def test_the_rates_are_those_of_a_month() -> None:
    """HC-27 counts every reason, CT-28 has "accepted only" beside it; a case reported twice counts once."""
    october = Counts(
        received=41,
        elsewhere=1,
        closed=39,
        accepted=30,
        replies=38,
        replied_in_time=37,
        breached=2,
        reopened=1,
    )
    assert (october.handled.percent, october.accepted_only.percent) == (Decimal("97.5"), Decimal("75.0"))
    assert october.in_time.percent == Decimal("97.3")
    assert total([]) == Counts()
    assert total([october, october]).handled == Rate(78, 80)


def test_a_clock_is_kept_when_it_was_met_in_time() -> None:
    clock = ClockCounts("C3", {"met": 8, "missed": 2, "open": 6, "void": 3})
    assert clock.kept == Rate(8, 10)
