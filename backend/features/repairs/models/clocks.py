"""The clocks of tickets."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Id
from backend.db.words import one_of
from backend.features.repairs.rules.clocks import CLOCK_STATES, ClockState


class TicketClock(Base):
    """One promise of a ticket (CT-05): C1 to C5 of its standard. `round`: counted anew when a ticket is reopened.

    `first_promise` is what was promised first and never changes; `due_at` is what holds now. `rule` is how it was
    counted; null: agreed with the owner (C4). `pauses`: from when until when it stood still and why. `looked_at`: up to
    which moment warnings have been given. `late_told_at`: when it was found late.
    """

    __tablename__ = "ticket_clock"
    __table_args__ = (
        CheckConstraint("code ~ '^C[1-9]$'", name="code"),
        CheckConstraint(one_of("state", CLOCK_STATES), name="state"),
        CheckConstraint("(state = 'paused') = (paused_at IS NOT NULL)", name="paused"),
        CheckConstraint("(state IN ('met', 'met_late', 'void')) = (ended_at IS NOT NULL)", name="ended"),
        Index("uq_ticket_clock_code", "ticket_id", "code", "round", unique=True),
        # An engineer's day and the audit: what is owed still.
        Index(
            "ix_ticket_clock_open",
            "due_at",
            "ticket_id",
            postgresql_where=text("state IN ('running', 'paused', 'breached')"),
        ),
    )

    id: Mapped[Id]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    code: Mapped[str]
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime]
    first_promise: Mapped[datetime]
    rule: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    warn_at: Mapped[list[int]] = mapped_column(JSONB, default=list, server_default="[]")
    calendar_version: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[ClockState] = mapped_column(String, default="running", server_default="running")
    paused_at: Mapped[datetime | None]
    pauses: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    breached_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
