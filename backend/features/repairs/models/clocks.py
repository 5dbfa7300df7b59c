"""The clocks of tickets."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base
from backend.platform.clocks import ClockRow, clock_checks


class TicketClock(ClockRow, Base):
    """One promise of a ticket."""

    __tablename__ = "ticket_clock"
    __table_args__ = (
        *clock_checks(),
        CheckConstraint("number > 0", name="numbers"),
        Index("uq_ticket_clock_number", "ticket_id", "code", "number", unique=True),
        Index(
            "uq_ticket_clock_open",
            "ticket_id",
            "code",
            unique=True,
            postgresql_where=text("state IN ('running', 'paused', 'breached')"),
        ),
        # An engineer's day and the audit: what is owed still.
        Index(
            "ix_ticket_clock_open",
            "due_at",
            "ticket_id",
            postgresql_where=text("state IN ('running', 'paused', 'breached')"),
        ),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
