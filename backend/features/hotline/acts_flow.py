"""What each move of a case's flow brings with it: the same by whatever way it comes."""

from datetime import date
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from backend.core.wire import Asked, Instant, Line, Prose
from backend.features.hotline.acts import Words
from backend.features.hotline.rules.claims import MOST_FEN
from backend.features.hotline.rules.words import (
    BarReason,
    Cause,
    Channel,
    ClaimKind,
    ClosingReason,
    Harm,
    Validity,
)

Fen = Annotated[int, Field(ge=1, le=MOST_FEN, strict=True, examples=[500_000])]


class Told(Asked):
    """What was said to whoever brought it, and by which way."""

    words: Prose
    channel: Channel | None = None
    spoken_at: Instant | None = None


class AnswerMeanwhile(Told):
    """The customer department answers first, so that nobody waits in silence (HC-36, CS-04).

    `because`: what keeps the department, as it told by telephone or otherwise.
    """

    because: Prose


class Propose(Asked):
    """What was found, and what we propose (HC-29, HC-33, EN-07). Both positions are noted before (CT-26)."""

    cause: Prose
    proposal: Prose
    done_by: Instant | None = Field(default=None, description="By when it would be done, once you agree.")


class Accept(Asked):
    """The owner agrees; `words` by an employee: how the owner said so."""

    words: Prose | None = None
    done_by: Instant | None = Field(
        default=None, description="The date agreed on with it, where that is another."
    )


class AgreeDate(Asked):
    """The date that both agree it is done by: C4 runs until then (HC-22, HC-32). Agreed anew, the first one stays."""

    done_by: Instant
    words: Prose | None = None


class Judge(Asked):
    """Whether the complaint is valid; a valid one by its cause and harm (HC-16, CS-05)."""

    validity: Validity
    cause: Cause | None = None
    harm: Harm | None = None
    words: Prose

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.validity == "valid") != (self.cause is not None and self.harm is not None) or (
            self.validity == "invalid" and (self.cause is not None or self.harm is not None)
        ):
            raise PydanticCustomError(
                "judgement_whole", "a valid complaint has a cause and a harm, an invalid one none"
            )
        return self


class VisitMade(Asked):
    """A return visit as it was made (HC-38, CT-30). `visit_id`: the visit it is of."""

    accepted: StrictBool | None = None
    opinion: Prose | None = None
    visit_id: UUID | None = None
    visited_at: Instant | None = None


class AskClosing(Asked):
    """Why the case is to be closed although nobody accepts it, for somebody else's approval (HC-37 to HC-41, CT-28)."""

    reason: ClosingReason
    words: Prose
    legal_basis: Prose | None = None
    review_on: date | None = Field(default=None, description="When it is looked at again.")


class Close(Asked):
    """How it ends. `reason`: where its closing was not asked for; who closes what was asked for approves it."""

    reason: ClosingReason | None = None
    words: Prose


class Reopen(Asked):
    """Why it is not over."""

    reason: Prose


class Merge(Asked):
    """The case that this one is part of: the same matter, reported again."""

    into: UUID
    words: Prose | None = None


class Link(Asked):
    """Another matter it has to do with."""

    kind: Literal["case", "ticket"]
    subject: UUID
    why: Literal["came_from", "became", "duplicate", "related"] = "related"


class Bar(Asked):
    """Who is kept from it: whom the complaint is about, or who has an interest in it."""

    account: UUID
    why: BarReason
    words: Prose


class Claim(Asked):
    """Compensation, or another home (HC-44, HC-45, CT-43). `amount_fen`: of compensation, in fen."""

    kind: ClaimKind
    amount_fen: Fen | None = None
    words: Prose

    @model_validator(mode="after")
    def _amount(self) -> Self:
        if (self.kind == "compensation") != (self.amount_fen is not None):
            raise PydanticCustomError("claim_amount", "compensation has an amount, a change of home has none")
        return self


class DecideClaim(Asked):
    """What the level whose turn it is says to a claim."""

    claim: UUID
    approved: StrictBool
    words: Prose


class WithdrawClaim(Asked):
    """A claim that is made no more."""

    claim: UUID
    words: Line | None = None


FLOW_ACTS: Final[dict[str, type[Asked]]] = {
    "answer_meanwhile": AnswerMeanwhile,
    "propose": Propose,
    "withdraw_proposal": Words,
    "accept": Accept,
    "decline": Words,
    "agree_date": AgreeDate,
    "progress": Words,
    "finish": Words,
    "answer": Told,
    "explain": Told,
    "conclude": Words,
    "judge": Judge,
    "visit": VisitMade,
    "visit_low": VisitMade,
    "visit_missed": Words,
    "ask_closing": AskClosing,
    "refuse_closing": Words,
    "close": Close,
    "reopen": Reopen,
    "merge": Merge,
    "link": Link,
    "bar": Bar,
    "claim": Claim,
    "decide_claim": DecideClaim,
    "withdraw_claim": WithdrawClaim,
}
"""By the code of the move in `rules.states.MOVES`."""
