"""How somebody wants to be called, beyond what the company's policy does at once and nobody can lessen (HC-10).

One's own rules only add: calls again after some minutes, while a page is not answered, by the ways one names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Way = Literal["push", "sms", "email"]

MOST: Final = 5
"""How often at most somebody has themselves called again about one page."""

LATEST: Final = timedelta(hours=1)
"""So long after the first call at most: by then the chain has called others."""


@dataclass(frozen=True, slots=True)
class Again:
    """A further call, so long after the first, by these ways."""

    after: timedelta
    by: tuple[Way, ...]


PersonalFault = Literal["calls_again_too_often", "calls_again_out_of_order", "calls_again_by_nothing"]


def fault_of(again: Sequence[Again]) -> tuple[PersonalFault, int] | None:
    """What is wrong with somebody's rules, and at which place; None: nothing."""
    if len(again) > MOST:
        return "calls_again_too_often", MOST
    for place, one in enumerate(again):
        if not one.by or len(set(one.by)) < len(one.by):
            return "calls_again_by_nothing", place
        before = again[place - 1].after if place else timedelta(0)
        if not before < one.after <= LATEST:
            return "calls_again_out_of_order", place
    return None


def calls_again(rung_at: datetime, again: Sequence[Again]) -> list[tuple[datetime, tuple[Way, ...]]]:
    """When and by what somebody is called again about what first rang at a moment, while it is not answered."""
    return [(rung_at + one.after, one.by) for one in again]
