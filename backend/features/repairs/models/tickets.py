"""Tickets with their one engineer, and the rare change of that."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.words import listed, one_of
from backend.features.repairs.rules.states import ENDED, HOLD_REASONS, STATES, SUCCESSION_REASONS, State
from backend.platform.threads.models import Thread


class Ticket(Base):
    """One repair, from report to end; what happens stands on its thread.

    `node_id`: the home's building, by which staff see it. `reporter_id`: whose matter it is; null: the household's, an
    employee wrote it down. `contact_name`, `contact_phone`: whom the engineer calls, as it was when reported.
    `cover`: what the warranty said of the component on that day, kept as it was. `standard_version_id`: by which its
    clocks run. `visit`: the number of the visit that evidence belongs to; 0 before the first. `because`: why this
    engineer. `engineer_id` null: there was nobody; it is named once and then changes only with a `Succession`.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint("engineer_id IS NOT NULL OR state IN ('reported', 'cancelled')", name="one_engineer"),
        CheckConstraint(
            "(state = 'held') = (hold_reason IS NOT NULL) AND (state = 'held') = (held_at IS NOT NULL)",
            name="held",
        ),
        CheckConstraint(one_of("hold_reason", HOLD_REASONS), name="hold_reason"),
        CheckConstraint(f"({one_of('state', ENDED)}) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("visit >= 0 AND visits_abortive >= 0 AND appointments_moved >= 0", name="counts"),
        CheckConstraint("jsonb_typeof(cover) = 'object' AND jsonb_typeof(suits) = 'array'", name="json"),
        Index("ix_ticket_ownership_id", "ownership_id", "opened_at", "id"),
        Index("ix_ticket_project_id", "project_id", "opened_at", "id"),
        Index(
            "ix_ticket_project_live",
            "project_id",
            "opened_at",
            "id",
            postgresql_where=text(f"state NOT IN ({listed(ENDED)})"),
        ),
        Index("ix_ticket_engineer_id", "engineer_id", "opened_at", "id"),
        Index("ix_ticket_home_id", "home_id", "opened_at", "id"),
        Index(
            "ix_ticket_engineer_live",
            "engineer_id",
            "id",
            postgresql_where=text(f"state NOT IN ({listed(ENDED)})"),
        ),
        Index(
            "ix_ticket_unnamed",
            "opened_at",
            "id",
            postgresql_where=text("engineer_id IS NULL AND state = 'reported'"),
        ),
        Index("ix_ticket_reporter_id", "reporter_id", "opened_at", "id"),
        Index("ix_ticket_from_thread_id", "from_thread_id"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    home_id: Mapped[UUID] = mapped_column(ForeignKey("home.id"))
    ownership_id: Mapped[UUID] = mapped_column(ForeignKey("ownership.id"))
    thread_id: Mapped[UUID] = mapped_column(ForeignKey(Thread.id), unique=True)
    from_thread_id: Mapped[UUID | None] = mapped_column(ForeignKey(Thread.id))
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reporter_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    contact_name: Mapped[str | None]
    contact_phone: Mapped[str | None]
    place: Mapped[str]
    component: Mapped[str]
    trade: Mapped[str]
    description: Mapped[str]
    suits: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    urgent: Mapped[bool] = mapped_column(default=False, server_default="false")
    cover: Mapped[dict[str, Any]] = mapped_column(JSONB)
    standard_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("standard_version.id"))
    state: Mapped[State] = mapped_column(String, default="reported", server_default="reported")
    engineer_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    because: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    visit: Mapped[int] = mapped_column(default=0, server_default="0")
    visits_abortive: Mapped[int] = mapped_column(default=0, server_default="0")
    appointments_moved: Mapped[int] = mapped_column(default=0, server_default="0")
    proposed: Mapped[bool] = mapped_column(default=False, server_default="false")
    livable: Mapped[bool | None]
    hold_reason: Mapped[str | None]
    held_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}


class Succession(Base):
    """One change of a ticket's engineer: from whom to whom, who approved it, why, and the line the owner reads (CT-17).

    `entry_seq` is that line on the ticket's thread. `transaction` is set by the database: the change must be in it too.
    """

    __tablename__ = "succession"
    __table_args__ = (
        CheckConstraint(one_of("reason", SUCCESSION_REASONS), name="reason"),
        CheckConstraint("from_id <> to_id", name="another"),
        CheckConstraint("approver_id NOT IN (from_id, to_id)", name="approver"),
        ForeignKeyConstraint(["thread_id", "entry_seq"], ["entry.thread_id", "entry.seq"]),
        Index("uq_succession_transaction", "ticket_id", "transaction", unique=True),
    )

    id: Mapped[Id]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    from_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    approver_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str]
    words: Mapped[str]
    thread_id: Mapped[UUID] = mapped_column(ForeignKey(Thread.id))
    entry_seq: Mapped[int]
    transaction: Mapped[int] = mapped_column(BigInteger, server_default="0")
    at: Mapped[CreatedAt]
