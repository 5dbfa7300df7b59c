"""What a repair costs, and whom, pure. Money is in whole fen, quantities in hundredths of the unit.

Work under warranty is free, and the company bears what it costs (RP-12, CT-36). What is outside of it is charged by the
project's published price list and done only with the owner's consent.
"""

from collections.abc import Iterable
from typing import Final, Literal, get_args

CostKind = Literal[
    "part",
    "material",
    "labour",
    "contractor",
    "cleaning",
    "water",
    "electricity",
    "loss",
    "living_conditions",
]
"""What was spent on a repair. `water`, `electricity` and `loss` (RP-12), `cleaning` (RP-09) and `living_conditions`
(RP-13) are always the company's."""

COST_KINDS: Final[tuple[CostKind, ...]] = get_args(CostKind)

Bearer = Literal["company", "construction_company", "owner"]
"""Who bears it. The owner only what a quote names that they have consented to."""

BEARERS: Final[tuple[Bearer, ...]] = get_args(Bearer)

NEVER_THE_OWNERS: Final[tuple[CostKind, ...]] = (
    "cleaning",
    "water",
    "electricity",
    "loss",
    "living_conditions",
)

QuoteState = Literal["offered", "consented", "declined", "withdrawn"]
QUOTE_STATES: Final[tuple[QuoteState, ...]] = get_args(QuoteState)

MOST_FEN: Final = 10**11
"""A billion yuan: more than any repair, and far from what a number can hold."""

MOST_HUNDREDTHS: Final = 10**7
MOST_ITEMS: Final = 500
MOST_LINES: Final = 50


def amount(price_fen: int, hundredths: int) -> int:
    """What a quantity costs at a price a unit, in fen; half a fen is rounded up."""
    return (price_fen * hundredths + 50) // 100


def total(amounts: Iterable[int]) -> int:
    """The sum, in fen."""
    return sum(amounts)


def bearer_fault(kind: CostKind, borne_by: Bearer, *, consented: bool) -> str | None:
    """Why this cannot be borne by them: `company_bears_this` (RP-09, RP-12, RP-13), `no_consent` (CT-36)."""
    if borne_by != "owner":
        return None
    if kind in NEVER_THE_OWNERS:
        return "company_bears_this"
    return None if consented else "no_consent"
