"""How a visit comes about: bookings, tries at reaching somebody, and what they answer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Id
from backend.db.ddl import append_only
from backend.db.words import one_of
from backend.features.visits.rules.answers import PARTS, Part
from backend.features.visits.rules.kinds import MODES, Mode
from backend.features.visits.rules.states import OUTCOMES, WAYS, Outcome, Way


class VisitBooking(Base):
    """A time that a visit is booked for. One of a visit is to come; `outcome` is what became of the others.

    Who visits is at one place at a time: the database refuses a booking that overlaps another of theirs.
    """

    __tablename__ = "visit_booking"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint(one_of("mode", MODES), name="mode"),
        CheckConstraint(one_of("outcome", OUTCOMES), name="outcome"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_whole"),
        ExcludeConstraint(
            ("visitor_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_visit_booking_one_place_at_a_time",
            using="gist",
            where=text("outcome IS NULL"),
        ),
        Index("uq_visit_booking_to_come", "visit_id", unique=True, postgresql_where=text("outcome IS NULL")),
        Index("ix_visit_booking_visit_id", "visit_id", "booked_at"),
    )

    id: Mapped[Id]
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    mode: Mapped[Mode] = mapped_column(String)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    visitor_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    booked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    booked_at: Mapped[datetime]
    outcome: Mapped[Outcome | None] = mapped_column(String)
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    words: Mapped[str | None]


class VisitAttempt(Base):
    """One try at reaching whom the visit is for: who, when, how, reached or not, what was said (HC-11)."""

    __tablename__ = "visit_attempt"
    __table_args__ = (
        CheckConstraint(one_of("way", WAYS), name="way"),
        CheckConstraint("recorded_at >= at", name="recorded"),
        Index("ix_visit_attempt_visit_id", "visit_id", "at"),
    )

    id: Mapped[Id]
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    way: Mapped[Way] = mapped_column(String)
    reached: Mapped[bool]
    words: Mapped[str | None]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class VisitAnswer(Base):
    """One answer of a visit, kept as it was given, for the assessment (RV-18, RV-19).

    `part`: `script` and `check` by the number of the line in the standard, from 1; `A2` (was a standard action done)
    and `A3` (how good was it) by the obligation's code. `yes`: sound, or done; null: they cannot say. `score`: 1 to 5.
    """

    __tablename__ = "visit_answer"
    __table_args__ = (
        CheckConstraint(one_of("part", PARTS), name="part"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        CheckConstraint("(part = 'A3') = (score IS NOT NULL)", name="scored"),
        CheckConstraint("part <> 'script' OR said IS NOT NULL", name="said"),
        CheckConstraint("part <> 'check' OR yes IS NOT NULL", name="checked"),
        Index("ix_visit_answer_line", "part", "line", "visit_id"),
    )

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    part: Mapped[Part] = mapped_column(String, primary_key=True)
    line: Mapped[str] = mapped_column(primary_key=True)
    rules: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default="{}")
    said: Mapped[str | None]
    yes: Mapped[bool | None]
    score: Mapped[int | None] = mapped_column(SmallInteger)


append_only("visit_attempt")
append_only("visit_answer")
