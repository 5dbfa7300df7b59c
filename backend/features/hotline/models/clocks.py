"""The clocks of cases."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base
from backend.platform.clocks import ClockRow, clock_checks


class CaseClock(ClockRow, Base):
    """One promise of a case. `round`: of the case, counted anew when it is reopened."""

    __tablename__ = "case_clock"
    __table_args__ = (
        *clock_checks(),
        CheckConstraint("round > 0 AND number > 0", name="numbers"),
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

    case_id: Mapped[UUID] = mapped_column(ForeignKey("hotline_case.id"))
    round: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
