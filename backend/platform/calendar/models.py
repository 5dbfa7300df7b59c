"""Service hours and overrides of the tree's nodes; versions, and the promises each would move."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt
from backend.db.ddl import append_only


class CalendarVersion(Base):
    """One publication: who changed what at which node, when and why. Numbers have no gaps, whatever the node.

    `hours`: an administrator's; `words`: read from a project's fact, or taken back with it; `overrides`: of days.
    """

    __tablename__ = "calendar_version"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("act IN ('hours', 'words', 'overrides')", name="act"),
        Index("ix_calendar_version_node_id", "node_id", "number"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    act: Mapped[Literal["hours", "words", "overrides"]] = mapped_column(String)
    change: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None]
    published_by: Mapped[UUID | None]
    published_at: Mapped[CreatedAt]


class CalendarHours(Base):
    """A node's weekly hours; what is below it and has none of its own goes by them.

    `week` is seven lists of shifts, Monday first, each `[opens, closes]` in minutes after its day's midnight. `words`
    is what they were read from, when no administrator has set them.
    """

    __tablename__ = "calendar_hours"
    __table_args__ = (
        CheckConstraint("jsonb_typeof(week) = 'array' AND jsonb_array_length(week) = 7", name="week"),
    )

    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"), primary_key=True)
    time_zone: Mapped[str]
    week: Mapped[list[list[list[int]]]] = mapped_column(JSONB)
    observes_holidays: Mapped[bool]
    words: Mapped[str | None]
    version: Mapped[int] = mapped_column(ForeignKey("calendar_version.number"))


class CalendarOverride(Base):
    """One day at a node, and at what is below it and has no override of that day: these shifts; none: closed."""

    __tablename__ = "calendar_override"
    __table_args__ = (CheckConstraint("jsonb_typeof(shifts) = 'array'", name="shifts"),)

    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    shifts: Mapped[list[list[int]]] = mapped_column(JSONB)
    name: Mapped[str | None]
    version: Mapped[int] = mapped_column(ForeignKey("calendar_version.number"))


class CalendarMove(Base):
    """A running clock whose due time a version would change. Nothing moves until somebody decides so: `revised_at`."""

    __tablename__ = "calendar_move"
    __table_args__ = (
        CheckConstraint("old_due <> new_due", name="moves"),
        CheckConstraint(
            "num_nulls(revised_at, revised_by, revision_reason) IN (0, 3)", name="revision_whole"
        ),
    )

    version: Mapped[int] = mapped_column(ForeignKey("calendar_version.number"), primary_key=True)
    clock_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    name: Mapped[str]
    started_at: Mapped[datetime]
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB)
    counted_by: Mapped[int]
    old_due: Mapped[datetime]
    new_due: Mapped[datetime]
    provisional: Mapped[bool]
    revised_at: Mapped[datetime | None]
    revised_by: Mapped[UUID | None]
    revision_reason: Mapped[str | None]


append_only("calendar_version")
