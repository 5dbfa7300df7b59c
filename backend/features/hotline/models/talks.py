"""What was said to the owner, proposed to them, and found at the return visit."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.words import one_of
from backend.features.hotline.rules.words import ANSWERS, CHANNELS, TALKS, Answered, Channel, Talk


class CaseTalk(Base):
    """A person spoke with whoever brought a case: who, when, reached or not, what was said (HC-12, HC-36, CT-05).

    `spoken_at`: when, as they say; `at`: when it was recorded, which is what ends a clock.
    """

    __tablename__ = "case_talk"
    __table_args__ = (
        CheckConstraint(one_of("kind", TALKS), name="kind"),
        CheckConstraint(one_of("channel", CHANNELS), name="channel"),
        CheckConstraint("spoken_at <= at", name="spoken"),
        Index("ix_case_talk_case_id", "case_id", "at"),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("hotline_case.id"))
    kind: Mapped[Talk] = mapped_column(String)
    channel: Mapped[Channel | None] = mapped_column(String)
    reached: Mapped[bool]
    words: Mapped[str]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    spoken_at: Mapped[datetime]
    at: Mapped[datetime]


class CaseProposal(Base):
    """What the responsible department proposes, with both positions as they stood then (HC-29, HC-30, HC-33, CT-26).

    One proposal of a case waits for an answer at a time; `number` counts the rounds of the loop. `answered_by`: the
    owner, or whoever recorded their answer.
    """

    __tablename__ = "case_proposal"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint(one_of("answer", ANSWERS), name="answer"),
        CheckConstraint("(answer = 'open') = (answered_at IS NULL)", name="answered"),
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered_whole"),
        Index("uq_case_proposal_number", "case_id", "number", unique=True),
        Index("uq_case_proposal_open", "case_id", unique=True, postgresql_where=text("answer = 'open'")),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("hotline_case.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    customer_position: Mapped[str]
    company_position: Mapped[str]
    cause: Mapped[str]
    proposal: Mapped[str]
    done_by: Mapped[datetime | None]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    answer: Mapped[Answered] = mapped_column(String, default="open", server_default="open")
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    words: Mapped[str | None]


class CaseVisit(Base):
    """A return visit of a case as it was made (HC-38, CT-30). `visit_id`: the visit it is of. `low`: reopens it."""

    __tablename__ = "case_visit"
    __table_args__ = (
        CheckConstraint("NOT (low AND accepted)", name="low"),
        Index("ix_case_visit_case_id", "case_id", "round"),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("hotline_case.id"))
    round: Mapped[int] = mapped_column(SmallInteger)
    visit_id: Mapped[UUID | None] = mapped_column(unique=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    accepted: Mapped[bool | None]
    low: Mapped[bool] = mapped_column(default=False, server_default="false")
    opinion: Mapped[str | None]
    visited_at: Mapped[datetime]
    at: Mapped[CreatedAt]
