"""When a case may close, and for what reason (HC-25, HC-37 to HC-41, CT-28, CT-29). Pure.

Which reasons there are, and which of them ask for an approval or a return visit, the standard says. What follows from
the rules themselves stands here, by the reason's code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Demand = Literal[
    "claims_open",
    "answer",
    "verdict",
    "explanation",
    "contact",
    "acceptance",
    "return_visit",
    "legal_basis",
    "review_date",
    "approval",
]

ACCEPTED: Final = "accepted"
NO_CONTACT: Final = "no_contact"
INVALID: Final = "invalid"
LAWFUL: Final = "lawful"
BEYOND: Final = "beyond_authority"


@dataclass(frozen=True, slots=True)
class Reason:
    """A closing reason as the case's standard has it, its code spelled as ours are."""

    code: str
    needs_approval: bool
    needs_return_visit: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """How a case stands that is to be closed.

    `reachable`: contact details were left. `answered`: a proposal, an answer or an explanation was put to the
    customer, or published.
    `verdict`: whether the complaint is valid; `explained`: that it is not was explained to the customer.
    `visited`: somebody who did not handle it has asked since it was done or answered last, and the customer `accepts`
    it, or does not, or was not asked (None). `claims_open`: claims that nobody has decided.
    """

    reachable: bool = True
    common_part: bool = False
    answered: bool = False
    verdict: Literal["valid", "invalid"] | None = None
    explained: bool = False
    visited: bool = False
    accepts: bool | None = None
    claims_open: int = 0


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a closing gives as its grounds, and whether somebody else has approved it."""

    legal_basis: bool = False
    review_date: bool = False
    approved: bool = False


def needs_visit(reason: Reason, ending: Ending) -> bool:
    """Whether a return visit has to come first (HC-38, CT-29, CT-30).

    With contact details nothing closes without one, but what HC-37 lets close on the reply: a complaint about common
    parts. Without contact details nobody can be visited, and a reason that asks for it is not to be had.
    """
    if reason.code == NO_CONTACT:
        return False
    return reason.needs_return_visit or ending.reachable


def missing(reason: Reason, ending: Ending, grounds: Grounds) -> list[Demand]:
    """What a closing lacks, in the order in which it is to be seen to; none: it closes.

    Every reason but the owner's own acceptance is approved by somebody else and has a date of review (CT-28).
    """
    lacking: list[Demand] = []

    def demand(met: object, what: Demand) -> None:
        if not met:
            lacking.append(what)

    demand(ending.claims_open == 0, "claims_open")
    if reason.code == INVALID:
        demand(ending.verdict == "invalid", "verdict")
        demand(ending.explained, "explanation")
    else:
        demand(ending.answered, "answer")
    if reason.code == NO_CONTACT:
        demand(ending.common_part or not ending.reachable, "contact")
    if needs_visit(reason, ending):
        demand(ending.visited, "return_visit")
    if reason.code == ACCEPTED:
        demand(ending.accepts, "acceptance")
    if reason.code == LAWFUL:
        demand(grounds.legal_basis, "legal_basis")
    if reason.code != ACCEPTED:
        demand(grounds.review_date, "review_date")
    if reason.needs_approval:
        demand(grounds.approved, "approval")
    return lacking


AFTER_ASKING: Final[frozenset[Demand]] = frozenset({"approval", "return_visit"})
"""What others do once the closing was asked for. The rest has to be there when somebody asks."""


def lacking_to_ask(reason: Reason, ending: Ending, grounds: Grounds) -> list[Demand]:
    """What is lacking for somebody to ask that a case be closed."""
    return [one for one in missing(reason, ending, grounds) if one not in AFTER_ASKING]


def reopens(accepts: bool | None, *, low: bool, asked_for: str | None) -> bool:
    """Whether a return visit opens the case again (GP-03): the customer does not accept the result, or finds it poor.

    `asked_for`: the reason for which its closing was asked for. Where that says already that they do not accept it, or
    that there was nothing to accept, the visit changes nothing: it is made so that they are heard (HC-40, HC-41).
    """
    return (accepts is False or low) and asked_for not in {INVALID, LAWFUL, BEYOND}


def chosen(reasons: Sequence[Reason], code: str) -> Reason | None:
    """The reason of a code, where the standard has it."""
    return next((one for one in reasons if one.code == code), None)
