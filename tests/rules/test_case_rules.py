"""Cases as rules: the table of moves, which act ends which clock, who gets what, what may be taken in by whom."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.features.hotline.acts import ACTS
from backend.features.hotline.rules import clocks, gates, intake, states, words
from backend.features.hotline.rules.choosing import Holder, choose, ladder
from backend.features.hotline.service.moves import EFFECTS
from backend.features.standard.shipped import shipped

NOW = datetime(2026, 9, 30, 15, 40, tzinfo=UTC)


def test_every_move_has_its_effect_and_what_it_brings() -> None:
    assert set(EFFECTS) == set(states.MOVES)
    assert set(ACTS) <= set(states.MOVES)


def test_every_state_is_reached_and_only_ends_end() -> None:
    reached = {"received"}
    while more := {to for at, to in states.STEPS if at in reached} - reached:
        reached |= more
    assert reached == set(states.STATES)
    assert {at for at, _ in states.STEPS if at in states.ENDED} == {"closed"}
    stuck = {state for state in states.STATES if not any(at == state for at, _ in states.STEPS)}
    assert stuck == {"merged", "passed_on"}


def test_nothing_but_its_acts_ends_a_clock() -> None:
    """CT-05: and every act that ends one is a move that somebody makes."""
    assert set(clocks.ENDS) == {"C1", "C2", "C3", "C4", "C5"}
    assert {act for acts in clocks.ENDS.values() for act in acts} <= set(states.MOVES)
    assert set(clocks.VOIDS) <= set(states.MOVES)
    assert clocks.met_by("progress") == clocks.met_by("take") == clocks.met_by("answer_meanwhile") == ()
    assert clocks.met_by("contact") == ("C2",)
    # Whoever makes the return visit has handled nothing (CT-30); whoever ends another clock has.
    assert {code for code, move in states.MOVES.items() if not move.handles} == {
        "visit", "visit_low", "visit_missed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "contactable", "common_part", "owed"),
    [
        ("C2", False, False, False),
        ("C2", True, True, True),
        ("C5", True, False, True),
        ("C5", True, True, False),
        ("C5", False, False, False),
        ("C3", False, True, True),
    ],
)
def test_what_nobody_can_be_owed(code: str, contactable: bool, common_part: bool, owed: bool) -> None:
    """HC-37, HC-38, CT-29."""
    assert clocks.owed(code, contactable=contactable, common_part=common_part) is owed


def test_the_lists_are_those_of_the_shipped_standard() -> None:
    """HC-05, HC-16, HC-24, HC-25, HC-48, CV-03 to CV-06, CT-28."""
    standard = shipped("six-plus-two")
    assert standard is not None
    listed = {one.code: [choice.code.replace("-", "_") for choice in one.choices] for one in standard.classes}
    assert set(words.CHANNELS) == set(listed["channels"])
    assert len(words.CHANNELS) == 13
    assert set(words.CATEGORIES) == set(listed["categories"])
    assert set(words.CAUSES) == set(listed["causes"])
    assert set(words.HARMS) == set(listed["harms"])
    assert set(words.SERVICES) == set(listed["convenience-services"])
    assert set(words.CLAIM_KINDS) == set(listed["claims"])
    assert {"general", "urgent"} < set(listed["severity"])
    assert list(words.CLOSING_REASONS) == [one.code.replace("-", "_") for one in standard.closing_reasons]
    [step] = [step for chain in standard.chains for step in chain.steps if step.by_category]
    assert dict(step.by_category) == words.RESPONSIBLE


def holder(role: str, distance: int, *, on_duty: bool = False, load: int = 0) -> Holder:
    return Holder(uuid4(), role, role, distance, on_duty, load)


def test_on_duty_then_near_then_least_and_never_whom_it_is_about() -> None:
    """HC-05 to HC-09, CT-39."""
    near, busy = holder("property_manager", 0), holder("property_manager", 1, on_duty=True, load=9)
    head = holder("head_of_customer_relations", 3)
    there = [near, busy, head]
    assert choose("property_manager", there, set()).account_id == busy.account_id
    assert choose("property_manager", there, {busy.account_id}).account_id == near.account_id
    above = choose("property_manager", there, {busy.account_id, near.account_id})
    assert (above.account_id, above.because["passed"]) == (head.account_id, ["property_manager"])
    nobody = choose("property_manager", there, {one.account_id for one in there})
    assert (nobody.role, nobody.account_id) == ("property_manager", None)
    assert ladder("leader_in_charge") == ("leader_in_charge", "head_of_customer_relations")


@given(st.sets(st.sampled_from([UUID(int=n) for n in range(5)])), st.integers(0, 5))
def test_whoever_is_kept_from_it_never_gets_it(barred: set[UUID], many: int) -> None:
    there = [Holder(UUID(int=n), None, "customer_manager", n, n % 2 == 0, n) for n in range(many)]
    assert choose("customer_manager", there, barred).account_id not in barred


@pytest.mark.parametrize(
    ("taker", "kind", "channel", "given_fields", "wrong"),
    [
        ("desk", "complaint", "hotline", "", ("category", "category_missing")),
        ("desk", "complaint", "email", "", None),
        ("employee", "complaint", "call_to_employee", "contact channel", None),
        ("employee", "complaint", "call_to_employee", "category", ("category", "only_for_the_desk")),
        ("owner", "complaint", "online_form", "about_id", ("about_id", "only_for_the_desk")),
        ("owner", "complaint", "online_form", "received_at", ("received_at", "only_for_callers")),
        ("owner", "repair", "online_form", "", ("repair", "repair_missing")),
        ("owner", "enquiry", "online_form", "repair", ("repair", "only_for_repairs")),
        ("desk", "service_order", "hotline", "category", ("service", "service_missing")),
        ("desk", "service_order", "hotline", "category service promised_at provider", None),
        ("desk", "enquiry", "hotline", "category provider", ("provider", "only_for_services")),
        ("desk", "complaint", "email", "anonymous contact", ("anonymous", "anonymous_with_contact")),
        ("desk", "complaint", "email", "responsible_id", ("category", "category_missing")),
    ],
)
def test_who_may_say_what(
    taker: intake.Taker,
    kind: words.Kind,
    channel: words.Channel,
    given_fields: str,
    wrong: tuple[str, str] | None,
) -> None:
    """HC-26, AG-02, AG-04, CV-03."""
    sent = frozenset(given_fields.split())
    found = intake.foreign(taker, sent) or intake.lacking(taker, kind, channel, sent)
    assert (None if found is None else (found.field, found.code)) == wrong


def test_a_late_entry_is_marked() -> None:
    """CT-45."""
    before = NOW - timedelta(hours=2)
    assert intake.received(NOW, None, None) == NOW
    assert intake.received(NOW, before, "断网") == before
    long_ago = NOW - timedelta(days=367)
    assert intake.received(NOW, long_ago, "断网") == intake.Wrong("received_at", "received_too_long_ago")
    assert intake.received(NOW, before, None) == intake.Wrong("late_reason", "late_reason_missing")
    assert intake.received(NOW, None, "断网") == intake.Wrong("late_reason", "only_for_late_entries")
    assert intake.received(NOW, NOW + timedelta(seconds=1), "早") == intake.Wrong(
        "received_at", "time_in_future"
    )


def test_gates_by_name() -> None:
    """CT-26, HC-25, HC-32, HC-37."""
    nothing = gates.Standing()
    lacking = {need: gates.missing(need, nothing) for need in ("positions", "settled", "dated", "answerable")}
    assert all(lacking.values())
    assert gates.missing("judged_invalid", nothing) == ["judgement"]
    assert gates.missing("positions", gates.Standing(positions=True)) == []
    assert (gates.missing("paused", nothing), gates.missing("runs", nothing)) == (["pause"], [])
    named = {move.needs for move in states.MOVES.values()} - {None, "closable"}
    assert named == {"positions", "settled", "dated", "answerable", "judged_invalid", "paused", "runs"}
