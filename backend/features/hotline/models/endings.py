"""How cases are closed, and what they are linked with."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.words import listed, one_of
from backend.features.hotline.rules.words import (
    CLOSING_REASONS,
    LINK_REASONS,
    LINKED,
    REASONS_APPROVED,
    ClosingReason,
    Linked,
    LinkReason,
)

ClosingState = Literal["asked", "refused", "closed"]
"""Asked for, and waiting for somebody else's approval; refused; closed by it."""


class CaseClosing(Base):
    """A closing with its reason and what that demands (HC-37 to HC-41, CT-28, CT-29).

    A reason nobody accepts is approved by another person than who asked, and has a date of review; lawful names its
    legal basis. One closing of a case is asked for at a time.
    """

    __tablename__ = "case_closing"
    __table_args__ = (
        CheckConstraint(one_of("reason", CLOSING_REASONS), name="reason"),
        CheckConstraint("state IN ('asked', 'refused', 'closed')", name="state"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_whole"),
        CheckConstraint(
            f"state <> 'closed' OR reason NOT IN ({listed(REASONS_APPROVED)}) OR decided_by <> asked_by",
            name="approved_by_another",
        ),
        CheckConstraint(
            f"reason NOT IN ({listed(REASONS_APPROVED)}) OR review_on IS NOT NULL", name="review_on"
        ),
        CheckConstraint("reason <> 'lawful' OR legal_basis IS NOT NULL", name="legal_basis"),
        Index("ix_case_closing_case_id", "case_id", "asked_at"),
        Index("uq_case_closing_asked", "case_id", unique=True, postgresql_where=text("state = 'asked'")),
        Index("ix_case_closing_review_on", "review_on", postgresql_where=text("state = 'closed'")),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("hotline_case.id"))
    round: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[ClosingReason] = mapped_column(String)
    words: Mapped[str]
    legal_basis: Mapped[str | None]
    review_on: Mapped[date | None]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    state: Mapped[ClosingState] = mapped_column(String, default="asked", server_default="asked")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]


class CaseLink(Base):
    """What a case has to do with another matter. `thread_id`: that matter's thread, where it has one."""

    __tablename__ = "case_link"
    __table_args__ = (
        CheckConstraint(one_of("kind", LINKED), name="kind"),
        CheckConstraint(one_of("why", LINK_REASONS), name="why"),
        CheckConstraint("subject_id <> case_id", name="another"),
        Index("uq_case_link_subject", "case_id", "kind", "subject_id", unique=True),
        Index("ix_case_link_subject_id", "subject_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("hotline_case.id"))
    kind: Mapped[Linked] = mapped_column(String)
    subject_id: Mapped[UUID]
    thread_id: Mapped[UUID | None]
    why: Mapped[LinkReason] = mapped_column(String)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[CreatedAt]
