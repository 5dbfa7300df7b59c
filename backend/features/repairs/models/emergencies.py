"""Emergencies: tickets that cannot wait for their engineer's day (SN-44)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base
from backend.db.words import one_of
from backend.features.repairs.rules.emergencies import EMERGENCY_STATES, EmergencyState


class TicketEmergency(Base):
    """The emergency flow beside a ticket's own: whoever is on duty goes there first and makes it safe (SN-44, FM-60).

    The ticket's engineer stays its one person: whoever takes the emergency is added, and replaces nobody. This is how
    the present or the last one stands; those before it stand on the thread.
    """

    __tablename__ = "ticket_emergency"
    __table_args__ = (
        CheckConstraint(one_of("state", EMERGENCY_STATES), name="state"),
        CheckConstraint("(taken_at IS NULL) = (taken_by IS NULL)", name="taken"),
        CheckConstraint("state <> 'taken' OR taken_at IS NOT NULL", name="taken_first"),
        CheckConstraint("(state IN ('safe', 'not_urgent')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (outcome IS NULL)",
            name="ended_whole",
        ),
        Index(
            "ix_ticket_emergency_open",
            "declared_at",
            postgresql_where=text("state IN ('declared', 'taken')"),
        ),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    state: Mapped[EmergencyState] = mapped_column(String, default="declared", server_default="declared")
    declared_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    declared_at: Mapped[datetime]
    told: Mapped[int] = mapped_column(default=0, server_default="0")
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    taken_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
