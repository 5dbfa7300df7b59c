"""Timers, the pulses of the workers that fire them, and what was done about them by hand."""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Id
from backend.db.ddl import append_only, before_tables

State = Literal["pending", "fired", "cancelled", "parked"]
Act = Literal["retry", "drop", "release"]

# `app_now()` stands still within a transaction; this is the moment itself, for how late something was.
before_tables(
    """CREATE FUNCTION app_moment() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN clock_timestamp() + coalesce((SELECT shift FROM clock_shift), '0');
END $$"""
)


class Timer(Base):
    """Something that happens at a time. The row is the truth; whatever wakes a worker is for speed.

    There is no lease: a claim lives in the transaction that carries it out, so the row's lock is the lease, and
    PostgreSQL ends it with the worker.
    """

    __tablename__ = "timer"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'fired', 'cancelled', 'parked')", name="state"),
        CheckConstraint(
            "(state = 'fired') = (fired_at IS NOT NULL) AND (fired_at IS NULL) = (lateness IS NULL)",
            name="fired",
        ),
        CheckConstraint("next_try_at >= due_at", name="none_before_its_time"),
        UniqueConstraint("kind", "key"),
        # Pending ones in the order they come due; parked and fired ones for whoever lists or forgets them.
        Index("ix_timer_state_next_try_at_id", "state", "next_try_at", "id"),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    key: Mapped[str]
    due_at: Mapped[datetime]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[State] = mapped_column(String, server_default="pending")
    version: Mapped[int] = mapped_column(server_default="1")
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime]
    armed_at: Mapped[datetime] = mapped_column(server_default=func.app_now())
    fired_at: Mapped[datetime | None]
    lateness: Mapped[timedelta | None]
    last_error: Mapped[str | None]


class TimerLateness(Base):
    """How late timers fired, as Prometheus counts it: each row those at most `at_most` seconds late, and their sum."""

    __tablename__ = "timer_lateness"

    at_most: Mapped[float] = mapped_column(primary_key=True)
    fired: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float]


class TimerPulse(Base):
    """A living worker. `ahead`: by how many seconds it saw the database's clock jump against its own steady one.

    Times here are the database's raw clock, without the system's shift.
    """

    __tablename__ = "timer_pulse"

    worker: Mapped[Id]
    name: Mapped[str]
    beat: Mapped[int]
    ahead: Mapped[float]
    seen_at: Mapped[datetime]


class TimerHold(Base):
    """A time in which nothing fires, because the database's clock jumped. At most one is open."""

    __tablename__ = "timer_hold"
    __table_args__ = (
        CheckConstraint("(released_at IS NULL) = (released_because IS NULL)", name="released"),
        Index(
            "uq_timer_hold_open", text("(true)"), unique=True, postgresql_where=text("released_at IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    ahead: Mapped[float]
    began_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    released_at: Mapped[datetime | None]
    released_because: Mapped[str | None]


class TimerAct(Base):
    """What an operator did by hand, and why. It outlives the timer, so it holds the timer's name."""

    __tablename__ = "timer_act"
    __table_args__ = (
        CheckConstraint("act IN ('retry', 'drop', 'release')", name="act"),
        CheckConstraint("(act = 'release') = (timer_id IS NULL)", name="of_a_timer"),
        CheckConstraint("length(reason) >= 2", name="reason"),
    )

    id: Mapped[Id]
    act: Mapped[Act] = mapped_column(String)
    timer_id: Mapped[UUID | None]
    kind: Mapped[str | None]
    key: Mapped[str | None]
    last_error: Mapped[str | None]
    actor_id: Mapped[UUID]
    reason: Mapped[str]
    at: Mapped[datetime]


append_only("timer_act")
