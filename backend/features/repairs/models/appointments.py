"""Times that one side offers, and the visits that came of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Id
from backend.db.ddl import after_tables, append_only
from backend.db.words import one_of
from backend.features.repairs.rules.visits import ANSWERS, OUTCOMES, SIDES, Answer, Outcome, Side


class AppointmentOffer(Base):
    """Times that one side can offer for a visit. One offer of a ticket is open: the next one replaces it."""

    __tablename__ = "appointment_offer"
    __table_args__ = (
        CheckConstraint(one_of("side", SIDES), name="side"),
        CheckConstraint(one_of("answer", ANSWERS), name="answer"),
        CheckConstraint("(answer = 'open') = (answered_at IS NULL)", name="answered"),
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered_whole"),
        Index(
            "uq_appointment_offer_open", "ticket_id", unique=True, postgresql_where=text("answer = 'open'")
        ),
        Index("ix_appointment_offer_ticket_id", "ticket_id", "made_at"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    side: Mapped[Side] = mapped_column(String)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    answer: Mapped[Answer] = mapped_column(String, default="open", server_default="open")
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    words: Mapped[str | None]


class AppointmentTime(Base):
    """One of the times of an offer."""

    __tablename__ = "appointment_time"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="times"),)

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("appointment_offer.id"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Appointment(Base):
    """A visit that both sides agreed on. `number` counts those of a ticket; `outcome` is what became of it.

    An engineer is at one place at a time: the database refuses a visit that overlaps another of theirs, until
    that one is over; who is done early is free.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint(one_of("outcome", OUTCOMES), name="outcome"),
        CheckConstraint("(outcome = 'agreed') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_whole"),
        ExcludeConstraint(
            ("engineer_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_appointment_one_place_at_a_time",
            using="gist",
            where=text("outcome = 'agreed'"),
        ),
        Index("uq_appointment_number", "ticket_id", "number", unique=True),
        Index("uq_appointment_agreed", "ticket_id", unique=True, postgresql_where=text("outcome = 'agreed'")),
        Index("ix_appointment_day", "engineer_id", "starts_at"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    number: Mapped[int]
    engineer_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    agreed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    agreed_at: Mapped[datetime]
    outcome: Mapped[Outcome] = mapped_column(String, default="agreed", server_default="agreed")
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None]


append_only("appointment_time")

# What was agreed stays as it was agreed; it ends once. Only a succession hands it to another engineer.
after_tables(
    """CREATE FUNCTION appointment_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ending text[] := ARRAY['outcome', 'ended_by', 'ended_at', 'reason'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND (
        to_jsonb(OLD) - ending = to_jsonb(NEW) - ending
        OR to_jsonb(OLD) - 'engineer_id' = to_jsonb(NEW) - 'engineer_id'
            AND EXISTS (
                SELECT FROM succession WHERE ticket_id = NEW.ticket_id AND from_id = OLD.engineer_id
                    AND to_id = NEW.engineer_id AND transaction = pg_current_xact_id()::text::bigint
            )
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an appointment ends once and is never rewritten'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'appointment_keeps';
END $$"""
)
after_tables(
    "CREATE TRIGGER appointment_keeps BEFORE UPDATE OR DELETE ON appointment"
    " FOR EACH ROW EXECUTE FUNCTION appointment_keeps()"
)
