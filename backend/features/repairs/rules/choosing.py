"""Which engineer a ticket gets, for its whole life. Pure, and explained in an entry (RP-02 to RP-04, RP-15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

TRADE_OF: Final = {
    "wiring": "electrical",
    "pipes": "plumbing",
    "equipment": "appliances",
    "fit-out": "carpentry",
    "doors-windows": "doors_windows",
    "plaster": "painting",
    "civil-works": "masonry",
}
"""The trade that a component of the warranty catalogue needs; any other component: whoever does general work."""

GENERAL: Final = "general"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A repair engineer on the home's way up the tree. `distance`: nodes between; 0 is the building itself.

    `load`: live tickets in their hands. `on_duty`: by the roster, now.
    """

    account_id: UUID
    name: str | None
    distance: int
    trades: frozenset[str]
    on_duty: bool
    load: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Who, and why: `because` is what the entry says."""

    account_id: UUID
    name: str | None
    because: dict[str, Any]


def trade_for(component: str) -> str:
    """The trade a component needs."""
    return TRADE_OF.get(component, GENERAL)


def choose(trade: str, candidates: Sequence[Candidate]) -> Choice | None:
    """The engineer for a ticket; None: there is nobody.

    First who has the trade, then who does general work or names no trade, then anybody; among them the nearest in the
    tree, then who is on duty, then who has least in hand. The same input gives the same answer.
    """
    if not candidates:
        return None
    best = min(
        candidates,
        key=lambda one: (_fit(trade, one), one.distance, not one.on_duty, one.load, one.account_id),
    )
    because = {
        "trade": trade,
        "match": ("trade", "general", "any")[_fit(trade, best)],
        "on_duty": best.on_duty,
        "load": best.load,
        "of": len({one.account_id for one in candidates}),
    }
    return Choice(best.account_id, best.name, because)


def _fit(trade: str, one: Candidate) -> int:
    if trade in one.trades:
        return 0
    return 1 if not one.trades or GENERAL in one.trades else 2
