"""The kinds of visit, and what each asks and checks. Pure.

Five types of return visit are the method's (RV-03 to RV-07); the checks of a home at one year and by season (S6-03,
WR-09) are visits of the same make. Script and checklist are the standard's, by their code.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Kind = Literal["sales", "delivery", "living", "daily_living", "one_year", "seasonal", "repair", "complaint"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

Type = Literal["sales", "delivery", "repair", "daily-living", "complaint"]
"""The five types of RV-03 to RV-07."""

Mode = Literal["talk", "house"]
"""How it is made: by telephone or in a chat, or at the home."""

MODES: Final[tuple[Mode, ...]] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Make:
    """How a kind of visit is made.

    `type`: one of the five; None: a check. `obligation`: of the journey, which it keeps. `role`: who makes it, where
    the plan does not say. `house`: it is made at the home, and nowhere else. `photos`: it needs some.
    """

    type: Type | None
    role: str
    script: str | None = None
    checklist: str | None = None
    obligation: str | None = None
    house: bool = False
    photos: bool = False


MAKES: Final[dict[Kind, Make]] = {
    "sales": Make("sales", "customer_service_specialist", "sales-visit", obligation="sales-visit"),
    "delivery": Make(
        "delivery", "customer_service_specialist", "delivery-visit", obligation="delivery-visit"
    ),
    "living": Make(
        "daily-living",
        "customer_relations_specialist",
        "living-visit",
        "three-month-check",
        obligation="three-month-visit",
        house=True,
    ),
    "daily_living": Make(
        "daily-living",
        "customer_service_specialist",
        "daily-living-visit",
        obligation="daily-living-visit",
    ),
    "one_year": Make(
        None,
        "repair_engineer",
        checklist="one-year-check",
        obligation="one-year-check",
        house=True,
        photos=True,
    ),
    "seasonal": Make(
        None,
        "repair_engineer",
        checklist="seasonal-check",
        obligation="seasonal-check",
        house=True,
        photos=True,
    ),
    "repair": Make("repair", "customer_service_specialist", "repair-visit"),
    "complaint": Make("complaint", "customer_relations_specialist", "complaint-visit"),
}

OF_OBLIGATION: Final[dict[str, Kind]] = {
    make.obligation: kind for kind, make in MAKES.items() if make.obligation is not None
}
"""Which kind of visit keeps an obligation of the journey."""
