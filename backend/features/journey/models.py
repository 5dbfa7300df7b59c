"""Journeys, their milestones with the first promise kept, the tasks that arise from them, and dates moved in bulk."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.ddl import after_tables
from backend.platform.threads.models import Thread

MilestoneState = Literal["coming", "due", "done", "late", "missed", "not_applicable"]
TaskState = Literal["open", "done", "void"]


class Journey(Base):
    """One ownership's way through its standard; or, without an ownership, what is owed once in a whole project.

    `dates` are those it is laid out from, ISO days by name. `step` is where it stands: of an ownership always one of
    the steps in order (CT-01, CT-02), of a project the one that hangs on it (+2) once that has begun. `node_id` is the
    home's building, or the project.
    """

    __tablename__ = "journey"
    __table_args__ = (
        CheckConstraint("ownership_id IS NULL OR step IS NOT NULL", name="ownership_has_step"),
        CheckConstraint("ended_at >= begun_at", name="ended_after_begun"),
        Index("uq_journey_ownership_id", "ownership_id", unique=True),
        Index(
            "uq_journey_of_project", "project_id", unique=True, postgresql_where=text("ownership_id IS NULL")
        ),
        Index(
            "ix_journey_board",
            "project_id",
            "step",
            postgresql_where=text("ended_at IS NULL AND ownership_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    ownership_id: Mapped[UUID | None] = mapped_column(ForeignKey("ownership.id"))
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    standard_version_id: Mapped[UUID] = mapped_column(ForeignKey("standard_version.id"))
    thread_id: Mapped[UUID] = mapped_column(ForeignKey(Thread.id))
    step: Mapped[str | None]
    dates: Mapped[dict[str, Any]] = mapped_column(JSONB)
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Milestone(Base):
    """One obligation of a journey with its promise: laid out once, moved with its dates, never taken away.

    `occurrence` is the first day of the period that a recurring one is owed for. It turns by itself at `opens_at` (the
    task arises), `due_at` (the end of the day `due_on`) and `ends_at` (pointless from then on); null: not known yet,
    or never. `first_due_on` is the first promise and `promised_at` when it was given: the database keeps both for ever.
    `provisional`: it was counted by a calendar that is not published yet. `done_at` is when it was done, `recorded_at`
    when somebody wrote so, `late_reason` why only then (RC-20, CT-45). `done_by` is null when a limit that nobody owes
    has run out, and when the product did it by itself, which is then its evidence. `rank` is the order of the standard.
    """

    __tablename__ = "milestone"
    __table_args__ = (
        CheckConstraint(
            "state IN ('coming', 'due', 'done', 'late', 'missed', 'not_applicable')", name="state"
        ),
        CheckConstraint(
            "(due_on IS NULL) = (due_at IS NULL) AND (due_on IS NULL) = (opens_at IS NULL)",
            name="promise_whole",
        ),
        CheckConstraint("opens_at <= due_at", name="opens_before_due"),
        CheckConstraint("(first_due_on IS NULL) = (promised_at IS NULL)", name="first_promise_whole"),
        CheckConstraint("due_on IS NULL OR first_due_on IS NOT NULL", name="promised"),
        CheckConstraint(
            "due_on IS NOT NULL OR state IN ('coming', 'done', 'not_applicable')", name="due_known"
        ),
        CheckConstraint(
            "(state = 'done') = (done_at IS NOT NULL) AND (state = 'done') = (recorded_at IS NOT NULL)",
            name="done",
        ),
        CheckConstraint("recorded_at >= done_at", name="recorded_after_done"),
        Index(
            "uq_milestone_place",
            "journey_id",
            "obligation",
            "occurrence",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_milestone_overdue", "project_id", "obligation", postgresql_where=text("state = 'late'")),
        Index(
            "ix_milestone_turning",
            "id",
            postgresql_where=text(
                "due_on IS NOT NULL AND (state IN ('coming', 'due') OR state = 'late' AND ends_at IS NOT NULL)"
            ),
        ),
        Index(
            "ix_milestone_ahead", "project_id", "due_on", postgresql_where=text("state IN ('coming', 'due')")
        ),
        # Every owner's timeline reads its project's; what is daily and internal there must not slow it down.
        Index("ix_milestone_owner_sees", "journey_id", postgresql_where=text("owner_sees")),
    )

    id: Mapped[Id]
    journey_id: Mapped[UUID] = mapped_column(ForeignKey("journey.id"))
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    obligation: Mapped[str]
    occurrence: Mapped[date | None]
    step: Mapped[str]
    rank: Mapped[int]
    owner_sees: Mapped[bool]
    state: Mapped[MilestoneState] = mapped_column(String)
    opens_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    first_due_on: Mapped[date | None]
    promised_at: Mapped[datetime | None]
    provisional: Mapped[bool] = mapped_column(default=False, server_default="false")
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime | None]
    late_reason: Mapped[str | None]
    evidence: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    note: Mapped[str | None]


class Task(Base):
    """A milestone that has come due, in the hands of a role.

    `node_id` is where it is to be done: the home's building, or the project. It belongs to whoever holds `role`
    nearest to it on the day they look. `held_at` is where that was when it arose, `vacant_passed` the nodes nearer by
    at which nobody held the role; null: nobody anywhere, and managers see it so.
    """

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'void')", name="state"),
        Index("uq_task_milestone_id", "milestone_id", unique=True),
        Index("ix_task_list", "node_id", "state", "role", "due_at", "id"),
    )

    id: Mapped[Id]
    milestone_id: Mapped[UUID] = mapped_column(ForeignKey("milestone.id"))
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    role: Mapped[str]
    held_at: Mapped[UUID | None] = mapped_column(ForeignKey("node.id"))
    vacant_passed: Mapped[list[UUID]] = mapped_column(
        ARRAY(PgUUID(as_uuid=True)), default=list, server_default="{}"
    )
    state: Mapped[TaskState] = mapped_column(String, default="open", server_default="open")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class DateMove(Base):
    """One date of every home of a project, or of one building, moved at once: to a day, or by days or months.

    It goes home by home in the order of their ownerships, a batch a transaction: `cursor` is the last one looked at.
    `skipped` names those whose date could not move, and why.
    """

    __tablename__ = "date_move"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'done')", name="state"),
        CheckConstraint("num_nonnulls(to_day, shift_days, shift_months) = 1", name="one_way"),
        CheckConstraint("(state = 'done') = (finished_at IS NOT NULL)", name="finished"),
        Index("uq_date_move_running", "project_id", unique=True, postgresql_where=text("state = 'running'")),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    building_id: Mapped[UUID | None] = mapped_column(ForeignKey("node.id"))
    date_name: Mapped[str]
    to_day: Mapped[date | None]
    shift_days: Mapped[int | None]
    shift_months: Mapped[int | None]
    reason: Mapped[str]
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    state: Mapped[Literal["running", "done"]] = mapped_column(
        String, default="running", server_default="running"
    )
    total: Mapped[int]
    moved: Mapped[int] = mapped_column(default=0, server_default="0")
    same: Mapped[int] = mapped_column(default=0, server_default="0")
    skipped: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    cursor: Mapped[UUID | None]
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None]


# The first promise stays on record however often the day moves (clocks.md): nobody can write over it.
after_tables(
    """CREATE FUNCTION keep_first_promise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the first promise is kept' USING ERRCODE = 'restrict_violation';
END $$"""
)
after_tables(
    "CREATE TRIGGER milestone_first_promise BEFORE UPDATE OF first_due_on, promised_at ON milestone FOR EACH ROW"
    " WHEN (OLD.first_due_on IS NOT NULL AND (OLD.first_due_on IS DISTINCT FROM NEW.first_due_on"
    " OR OLD.promised_at IS DISTINCT FROM NEW.promised_at)) EXECUTE FUNCTION keep_first_promise()"
)
