"""Claims of compensation and change of home, and the table by which they are approved. Money is in fen."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Id
from backend.db.words import one_of
from backend.features.hotline.rules.words import CLAIM_KINDS, CLAIM_STATES, ClaimKind, ClaimState

StepState = Literal["waiting", "approved", "refused"]


class ApprovalTable(Base):
    """Who approves claims of a kind up to how much, as somebody set it; the highest number stands (GP-01, GP-02).

    Ships empty: until a company sets one, claims of the kind are blocked by name.
    """

    __tablename__ = "approval_table"
    __table_args__ = (
        CheckConstraint(one_of("kind", CLAIM_KINDS), name="kind"),
        CheckConstraint("number > 0", name="number"),
        Index("uq_approval_table_number", "kind", "number", unique=True),
    )

    id: Mapped[Id]
    kind: Mapped[ClaimKind] = mapped_column(String)
    number: Mapped[int]
    reason: Mapped[str]
    set_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    set_at: Mapped[datetime]


class ApprovalLevel(Base):
    """A level of an approval table, from the lowest: a role, and up to how much it decides; null: without limit."""

    __tablename__ = "approval_level"
    __table_args__ = (CheckConstraint("place >= 0 AND limit_fen > 0", name="values"),)

    table_id: Mapped[UUID] = mapped_column(ForeignKey("approval_table.id"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    role: Mapped[str]
    limit_fen: Mapped[int | None] = mapped_column(BigInteger)


class CaseClaim(Base):
    """What somebody asks for beside an answer (HC-44, HC-45, CT-43). `table_id`: by which it is approved, frozen.

    Null: none is set, so nobody can decide it.
    """

    __tablename__ = "case_claim"
    __table_args__ = (
        CheckConstraint(one_of("kind", CLAIM_KINDS), name="kind"),
        CheckConstraint(one_of("state", CLAIM_STATES), name="state"),
        CheckConstraint("(kind = 'compensation') = (amount_fen IS NOT NULL)", name="amount"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        CheckConstraint("(state = 'asked') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("state IN ('asked', 'withdrawn') OR table_id IS NOT NULL", name="by_the_table"),
        Index("ix_case_claim_case_id", "case_id", "made_at"),
        Index(
            "uq_case_claim_asked", "case_id", "kind", unique=True, postgresql_where=text("state = 'asked'")
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("hotline_case.id"))
    kind: Mapped[ClaimKind] = mapped_column(String)
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    words: Mapped[str]
    state: Mapped[ClaimState] = mapped_column(String, default="asked", server_default="asked")
    table_id: Mapped[UUID | None] = mapped_column(ForeignKey("approval_table.id"))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CaseClaimStep(Base):
    """One step of a claim's approval, in order; each is decided once, by a holder of its role."""

    __tablename__ = "case_claim_step"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'approved', 'refused')", name="state"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_whole"),
    )

    claim_id: Mapped[UUID] = mapped_column(ForeignKey("case_claim.id"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    role: Mapped[str]
    limit_fen: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[StepState] = mapped_column(String, default="waiting", server_default="waiting")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    words: Mapped[str | None]
