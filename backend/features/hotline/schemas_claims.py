"""The wire of claims. Money is in fen."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from backend.core.wire import Answer, Asked, Moment, Prose
from backend.features.hotline.rules.claims import MOST_FEN
from backend.features.hotline.rules.words import ClaimKind, ClaimState


class ClaimStep(Answer):
    """One level of a claim's approval. `words`: what it said, for staff."""

    role: str
    role_words: str
    state: Literal["waiting", "approved", "refused"]
    decided_at: Moment | None
    words: str | None


class CaseClaimShown(Answer):
    """What somebody asks for beside an answer, and how far its approval has come.

    `not_set`: while nobody can decide it, the gap of the method that the company has to fill (GP-01, GP-02).
    """

    id: UUID
    kind: ClaimKind
    amount_fen: int | None
    words: str
    state: ClaimState
    not_set: str | None
    steps: list[ClaimStep]
    made_at: Moment
    ended_at: Moment | None


class CaseClaims(Answer):
    items: list[CaseClaimShown]


class LevelSet(Asked):
    """A level: a position, and up to how much it decides; left out: whatever it is."""

    role: Annotated[str, Field(pattern=r"^[a-z_]+$", max_length=60, examples=["customer_manager"])]
    limit_fen: Annotated[int, Field(ge=1, le=MOST_FEN, strict=True)] | None = None


class TableSet(Asked):
    """A table of approval, from the lowest level up."""

    levels: Annotated[list[LevelSet], Field(min_length=1, max_length=10)]
    reason: Prose = Field(examples=["公司审批权限表 2026 版"])


class LevelShown(Answer):
    role: str
    role_words: str
    limit_fen: int | None


class ApprovalTableShown(Answer):
    """Who approves claims of a kind; `not_set`: nobody has set it, by the gap of the method."""

    kind: ClaimKind
    number: int | None
    not_set: str | None
    levels: list[LevelShown]
    set_at: Moment | None


class ApprovalTables(Answer):
    items: list[ApprovalTableShown]
