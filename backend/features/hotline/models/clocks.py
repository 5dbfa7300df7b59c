"""The clocks of cases."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Id
from backend.db.words import one_of
from backend.features.hotline.rules.clocks import CLOCK_STATES, ClockState


class CaseClock(Base):
    """One promise of a case (CT-05): C1 to C5 of its standard. `round`: of the case, counted anew when it is reopened.

    `first_promise` is what was promised first and never changes; `due_at` is what holds now. `rule` is how it is
    counted; null: agreed with the owner (C4), counted as time passes. `marks`: the moments of its warnings, counted as
    the clock counts, frozen until it is paused or revised; `warned`: how many of them have been given. `pauses`: from
    when until when it stood still and why. `revisions`: each change of the due time, with who and why. `breached_at`:
    since when it was late, also when it was met afterwards. `ended_by`, `ended_act`: who ended it by which move.
    """

    __tablename__ = "case_clock"
    __table_args__ = (
        CheckConstraint("code ~ '^C[1-9]$'", name="code"),
        CheckConstraint("round > 0 AND number > 0", name="numbers"),
        CheckConstraint(one_of("state", CLOCK_STATES), name="state"),
        CheckConstraint("starts_at <= first_promise", name="promised"),
        CheckConstraint("(state = 'paused') = (paused_at IS NOT NULL)", name="paused"),
        CheckConstraint("(state IN ('met', 'met_late', 'void')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("(ended_at IS NULL) = (ended_act IS NULL)", name="ended_act"),
        CheckConstraint("state <> 'breached' OR breached_at IS NOT NULL", name="breached"),
        CheckConstraint("jsonb_typeof(marks) = 'array' AND warned >= 0", name="marks"),
        Index("uq_case_clock_number", "case_id", "code", "number", unique=True),
        Index(
            "uq_case_clock_open",
            "case_id",
            "code",
            unique=True,
            postgresql_where=text("state IN ('running', 'paused', 'breached')"),
        ),
        # The queue by clock, and the audit: what is owed still.
        Index(
            "ix_case_clock_open",
            "due_at",
            "case_id",
            postgresql_where=text("state IN ('running', 'paused', 'breached')"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("hotline_case.id"))
    code: Mapped[str]
    number: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    round: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime]
    first_promise: Mapped[datetime]
    rule: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    marks: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    warned: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    calendar_version: Mapped[int] = mapped_column(default=0, server_default="0")
    provisional: Mapped[bool] = mapped_column(default=False, server_default="false")
    state: Mapped[ClockState] = mapped_column(String, default="running", server_default="running")
    paused_at: Mapped[datetime | None]
    pauses: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    revisions: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    breached_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    ended_act: Mapped[str | None]
