"""Money in whole fen, who bears what, and when the joint repair team exists."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from backend.features.repairs.rules.charges import (
    COST_KINDS,
    MOST_FEN,
    MOST_HUNDREDTHS,
    amount,
    bearer_fault,
    total,
)
from backend.features.repairs.rules.team import Term, team_state
from backend.features.repairs.service.joint_team import term_of


@given(st.integers(0, MOST_FEN), st.integers(1, MOST_HUNDREDTHS))
def test_an_amount_is_whole_fen_and_half_a_fen_is_rounded_up(price: int, hundredths: int) -> None:
    exact = Decimal(price) * Decimal(hundredths) / 100
    assert amount(price, hundredths) == exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)


def test_a_sum_is_that_of_its_lines() -> None:
    assert total([]) == 0
    assert total(amount(4_550, quantity) for quantity in (250, 1, 99)) == 11_375 + 46 + 4_505


def test_the_owner_bears_only_what_they_consented_to() -> None:
    """RP-09, RP-12, RP-13: cleaning, water, power, losses, living conditions are the company's; CT-36: consent."""
    ours = {"cleaning", "water", "electricity", "loss", "living_conditions"}
    for kind in COST_KINDS:
        assert bearer_fault(kind, "company", consented=False) is None
        assert bearer_fault(kind, "construction_company", consented=False) is None
        charged = "company_bears_this" if kind in ours else None
        assert bearer_fault(kind, "owner", consented=True) == charged
        assert bearer_fault(kind, "owner", consented=False) == (charged or "no_consent")


def test_the_team_exists_from_mass_move_in_for_three_calendar_months() -> None:
    """SN-45, TM-11, CT-18."""
    assert term_of(None) is None
    assert term_of(date(2026, 11, 30)) == Term(date(2026, 11, 30), date(2027, 2, 28))
    term = term_of(date(2026, 6, 15))
    assert term is not None
    assert term.ends_on == date(2026, 9, 15)
    day = timedelta(days=1)
    assert team_state(None, term.starts_on) == "not_set"
    assert team_state(term, term.starts_on - day) == "to_come"
    assert team_state(term, term.starts_on) == team_state(term, term.ends_on) == "exists"
    assert team_state(term, term.ends_on + day) == "over"
