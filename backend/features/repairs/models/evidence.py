"""The evidence that the gates of a ticket ask for."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Id
from backend.db.words import listed, one_of
from backend.features.repairs.rules.gates import COVERS, PROTECTIONS


class TicketTick(Base):
    """A protection that stands at one visit, with its photos. `absent`: nothing to cover, as the photo shows."""

    __tablename__ = "ticket_tick"
    __table_args__ = (
        CheckConstraint(one_of("item", PROTECTIONS), name="item"),
        CheckConstraint(f"item NOT IN ({listed(COVERS)}) OR cardinality(photos) > 0", name="photos"),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item: Mapped[str] = mapped_column(primary_key=True)
    absent: Mapped[bool] = mapped_column(default=False, server_default="false")
    photos: Mapped[list[UUID]] = mapped_column(ARRAY(PgUUID(as_uuid=True)))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class TicketFinish(Base):
    """Work recorded as done: what was done, photos after, and what it cost us beside it (RP-12).

    `losses`: water, electricity and whatever else, in words each; borne by the company, whatever stands there.
    """

    __tablename__ = "ticket_finish"
    __table_args__ = (
        CheckConstraint("cardinality(photos) > 0", name="photos"),
        CheckConstraint("jsonb_typeof(losses) = 'object'", name="losses"),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    words: Mapped[str]
    photos: Mapped[list[UUID]] = mapped_column(ARRAY(PgUUID(as_uuid=True)))
    losses: Mapped[dict[str, Any]] = mapped_column(JSONB)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class TicketCleaning(Base):
    """Fine cleaning by a professional company after the work: a gift, so its price is 0 (RP-08, RP-09)."""

    __tablename__ = "ticket_cleaning"
    __table_args__ = (
        CheckConstraint("price_fen = 0", name="free_of_charge"),
        CheckConstraint("(ticked_at IS NULL) = (ticked_by IS NULL)", name="ticked"),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    company: Mapped[str]
    starts_at: Mapped[datetime]
    price_fen: Mapped[int] = mapped_column(default=0, server_default="0")
    booked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    booked_at: Mapped[datetime]
    ticked_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    ticked_at: Mapped[datetime | None]


class TicketSignature(Base):
    """The owner's signature with opinion and date; without an opinion it is consent (RC-10)."""

    __tablename__ = "ticket_signature"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    opinion: Mapped[str | None]
    signed_on: Mapped[date]
    photo: Mapped[UUID | None]
    at: Mapped[datetime]


class TicketVisit(Base):
    """A return visit, or a try at one, by somebody who did not handle the ticket (RP-16, CT-30)."""

    __tablename__ = "ticket_return_visit"
    __table_args__ = (
        CheckConstraint("reached OR NOT settled", name="settled_only_if_reached"),
        Index("ix_ticket_return_visit_ticket_id", "ticket_id", "at"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    visit: Mapped[int]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reached: Mapped[bool]
    settled: Mapped[bool]
    words: Mapped[str]
    at: Mapped[datetime]


class TicketLiving(Base):
    """A request for living conditions while the home cannot be lived in, and who decided it how (RP-13, GP-21)."""

    __tablename__ = "ticket_living"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(granted, decided_by, decided_at, decision) IN (0, 4)", name="decided_whole"
        ),
        Index("uq_ticket_living_open", "ticket_id", unique=True, postgresql_where=text("decided_at IS NULL")),
        Index("ix_ticket_living_ticket_id", "ticket_id", "asked_at"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    words: Mapped[str]
    asked_at: Mapped[datetime]
    granted: Mapped[bool | None]
    decision: Mapped[str | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]


class TicketRefusal(Base):
    """ "Not a repair": why, and the photos that prove it. The owner can take it to the specialist."""

    __tablename__ = "ticket_refusal"
    __table_args__ = (CheckConstraint("cardinality(photos) > 0", name="photos"),)

    id: Mapped[Id]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), index=True)
    version: Mapped[int]
    reason: Mapped[str]
    photos: Mapped[list[UUID]] = mapped_column(ARRAY(PgUUID(as_uuid=True)))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class TicketRating(Base):
    """What the household thought of a repair: 1 to 5 stars, said once (RP-16)."""

    __tablename__ = "ticket_rating"
    __table_args__ = (CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),)

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    stars: Mapped[int]
    words: Mapped[str | None]
    at: Mapped[datetime]
