"""The columns that every table of clocks has."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Id
from backend.db.words import one_of
from backend.platform.clocks.standing import CLOCK_STATES, ClockState


class ClockRow:
    """One promise: a clock of a standard (C1 to C5, CT-05). `number` tells those of one code apart.

    `first_promise` is what was promised first and never changes; `due_at` is what holds now. `rule` is how it is
    counted; null: agreed with the owner (C4), counted as time passes. `marks`: the moments of its warnings, counted as
    the clock counts, frozen until it is paused or revised; `warned`: how many of them have been given. `pauses`: from
    when until when it stood still and why. `revisions`: each change of the due time, with who and why. `breached_at`:
    since when it was late, also when it was met afterwards. `ended_by`, `ended_act`: who ended it by which move.
    """

    id: Mapped[Id]
    code: Mapped[str]
    number: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime]
    first_promise: Mapped[datetime]
    rule: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    marks: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    warned: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    calendar_version: Mapped[int] = mapped_column(default=0, server_default="0")
    provisional: Mapped[bool] = mapped_column(default=False, server_default="false")
    state: Mapped[ClockState] = mapped_column(String, default="running", server_default="running")
    paused_at: Mapped[datetime | None]
    pauses: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    revisions: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    breached_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    ended_act: Mapped[str | None]


def clock_checks() -> tuple[CheckConstraint, ...]:
    """What holds of every clock."""
    return (
        CheckConstraint("code ~ '^C[1-9]$'", name="code"),
        CheckConstraint(one_of("state", CLOCK_STATES), name="state"),
        CheckConstraint("starts_at <= first_promise", name="promised"),
        CheckConstraint("(state = 'paused') = (paused_at IS NOT NULL)", name="paused"),
        CheckConstraint("(state IN ('met', 'met_late', 'void')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("(ended_at IS NULL) = (ended_act IS NULL)", name="ended_act"),
        CheckConstraint("state <> 'breached' OR breached_at IS NOT NULL", name="breached"),
        CheckConstraint("jsonb_typeof(marks) = 'array' AND warned >= 0", name="marks"),
    )
