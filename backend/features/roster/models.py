"""Shifts of positions, every version of them; overrides, and who entered them."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.ddl import after_tables, append_only


class RosterPlan(Base):
    """The shifts of a position as somebody set them; the one with the highest number stands, the others are its past.

    A plan without shifts leaves its position on duty around the clock.
    """

    __tablename__ = "roster_plan"
    __table_args__ = (CheckConstraint("number > 0", name="number"),)

    position_id: Mapped[UUID] = mapped_column(ForeignKey("position.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str]
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    set_at: Mapped[datetime]


class RosterShift(Base):
    """A shift of a plan: on weekdays (1 is Monday), in minutes after the midnight of the local day it opens on.

    `closes` over 1440 lies on the next day; `until` is the first day on which it no longer opens.
    """

    __tablename__ = "roster_shift"
    __table_args__ = (
        ForeignKeyConstraint(["position_id", "number"], ["roster_plan.position_id", "roster_plan.number"]),
        CheckConstraint(
            "cardinality(weekdays) > 0 AND weekdays <@ '{1,2,3,4,5,6,7}'::smallint[]", name="weekdays"
        ),
        CheckConstraint(
            "opens BETWEEN 0 AND 1439 AND closes > opens AND closes <= opens + 1440", name="hours"
        ),
        CheckConstraint("until > since", name="dates"),
    )

    position_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    opens: Mapped[int] = mapped_column(SmallInteger)
    closes: Mapped[int] = mapped_column(SmallInteger)
    since: Mapped[date | None]
    until: Mapped[date | None]


class RosterOverride(Base):
    """A position is absent, or has extra duty, from `starts_at` until just before `ends_at`, whatever its shifts say.

    One that is ended keeps what was entered; it held until `ended_at`. No two of one position hold at a time.
    """

    __tablename__ = "roster_override"
    __table_args__ = (
        CheckConstraint("kind IN ('absent', 'extra')", name="kind"),
        CheckConstraint("ends_at > starts_at", name="times"),
        CheckConstraint("kind = 'absent' OR ends_at IS NOT NULL", name="extra_ends"),
        CheckConstraint("kind = 'absent' OR stand_in_id IS NULL", name="stand_in"),
        CheckConstraint("stand_in_id <> position_id", name="stand_in_is_another"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="end_whole"),
        ExcludeConstraint(
            ("position_id", "="),
            (text("tstzrange(starts_at, LEAST(ends_at, ended_at))"), "&&"),
            name="ex_roster_override_one_at_a_time",
            using="gist",
            where=text("ended_at IS NULL OR ended_at > starts_at"),
        ),
        Index("ix_roster_override_stand_in_id", "stand_in_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Id]
    position_id: Mapped[UUID] = mapped_column(ForeignKey("position.id"))
    kind: Mapped[Literal["absent", "extra"]] = mapped_column(String)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    stand_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("position.id"))
    reason: Mapped[str]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


append_only("roster_plan")
append_only("roster_shift")

after_tables(
    """CREATE FUNCTION roster_override_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL
        AND to_jsonb(NEW) - 'ended_at' - 'ended_by' = to_jsonb(OLD) - 'ended_at' - 'ended_by' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an override is ended, never changed or deleted' USING ERRCODE = 'restrict_violation';
END $$"""
)
after_tables(
    "CREATE TRIGGER roster_override_only_ends BEFORE UPDATE OR DELETE ON roster_override"
    " FOR EACH ROW EXECUTE FUNCTION roster_override_only_ends()"
)
