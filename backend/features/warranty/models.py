"""The warranty ledger of every home, what its households are told, the law's least terms; defects and contracts."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.ddl import after_tables, append_only
from backend.features.warranty.rules import (
    BATCH_STATES,
    NOTICE_KINDS,
    OCCASIONS,
    STAGES,
    START_DATES,
    BatchState,
    NoticeKind,
    Occasion,
    Stage,
    StartDate,
)
from backend.platform.threads.models import Thread


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class WarrantyItem(Base):
    """One component of one home: see `rules.Term`. It belongs to the home, so a resale changes nothing of it.

    `standard_version_id` is the version of the home's first journey: a new version shortens nobody's warranty.
    """

    __tablename__ = "warranty_item"
    __table_args__ = (
        CheckConstraint(_in("starts_from", START_DATES), name="starts_from"),
        CheckConstraint(
            "least(base_years, extension_years, statutory_years) >= 0"
            " AND (base_years IS NULL) = (extension_years IS NULL)",
            name="years",
        ),
        CheckConstraint(
            "ends_on IS NOT DISTINCT FROM greatest(base_ends_on, extension_ends_on, statutory_ends_on)",
            name="ends_on",
        ),
        CheckConstraint(
            "(starts_on IS NOT NULL OR ends_on IS NULL)"
            " AND (base_ends_on IS NULL OR base_years IS NOT NULL AND base_ends_on >= starts_on)"
            " AND (extension_ends_on IS NULL OR extension_ends_on > base_ends_on)"
            " AND (statutory_ends_on IS NULL OR statutory_years IS NOT NULL AND statutory_ends_on >= starts_on)",
            name="ends_in_order",
        ),
        Index("uq_warranty_item_place", "home_id", "component", unique=True),
        Index("ix_warranty_item_ledger", "project_id", "ends_on", "id"),
        Index("ix_warranty_item_component", "project_id", "component", "ends_on", "id"),
    )

    id: Mapped[Id]
    home_id: Mapped[UUID] = mapped_column(ForeignKey("home.id"))
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    standard_version_id: Mapped[UUID] = mapped_column(ForeignKey("standard_version.id"))
    component: Mapped[str]
    name: Mapped[str | None]
    rank: Mapped[int]
    starts_from: Mapped[StartDate] = mapped_column(String)
    starts_on: Mapped[date | None]
    base_years: Mapped[int | None]
    extension_years: Mapped[int | None]
    statutory_years: Mapped[int | None]
    base_ends_on: Mapped[date | None]
    extension_ends_on: Mapped[date | None]
    statutory_ends_on: Mapped[date | None]
    ends_on: Mapped[date | None]


class WarrantyNotice(Base):
    """What a household is told about everything that ends on a day: two months before, and on the day (WR-13, WR-14).

    planned → told; `unreachable`: nobody of the household has an account; `dropped`: the day has moved, or the home
    was sold; `passed`: it was over before the ledger knew of it. A row is its own timer's key. `people` were told at
    `told_at`; what went out to each is the proof, under the notice's key (`warranty:<id>`).
    """

    __tablename__ = "warranty_notice"
    __table_args__ = (
        CheckConstraint(_in("kind", NOTICE_KINDS), name="kind"),
        CheckConstraint("state IN ('planned', 'told', 'unreachable', 'dropped', 'passed')", name="state"),
        CheckConstraint("(state = 'told') = (told_at IS NOT NULL AND people > 0)", name="told"),
        Index("uq_warranty_notice_place", "ownership_id", "kind", "ends_on", unique=True),
        Index("ix_warranty_notice_planned", "id", postgresql_where=text("state = 'planned'")),
    )

    id: Mapped[Id]
    ownership_id: Mapped[UUID] = mapped_column(ForeignKey("ownership.id"))
    kind: Mapped[NoticeKind] = mapped_column(String)
    ends_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[str]
    told_at: Mapped[datetime | None]
    people: Mapped[int] = mapped_column(default=0, server_default="0")


class StatutoryTerm(Base):
    """The law's least term of a component at a node of the tree and below it; the latest entered stands (CT-15).

    Entered with its source by a person: the method has none. `years` null: from then on none is asked for here.
    """

    __tablename__ = "statutory_term"
    __table_args__ = (
        CheckConstraint("years BETWEEN 1 AND 100", name="years"),
        Index("ix_statutory_term_node_id", "node_id", "component", "id"),
    )

    id: Mapped[Id]
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    component: Mapped[str]
    name: Mapped[str]
    years: Mapped[int | None]
    source: Mapped[str]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[CreatedAt]


class WorksContract(Base):
    """A contract with a construction company, out of the project's contract ledger (WR-16); `works` is what it built.

    `components` are those of the catalogue that the company answers for. Of the retention money only the stage is kept
    and the day it was settled (WR-18): no amounts.
    """

    __tablename__ = "works_contract"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="days"),
        CheckConstraint(_in("stage", STAGES), name="stage"),
        CheckConstraint("(stage = 'settled') = (settled_on IS NOT NULL)", name="settled"),
        Index("uq_works_contract_number", "project_id", "number", unique=True),
        Index("ix_works_contract_ledger", "project_id", "ends_on", "id"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    number: Mapped[str]
    unit: Mapped[str]
    works: Mapped[str]
    components: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default="{}")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    stage: Mapped[Stage] = mapped_column(String, default="under_warranty", server_default="under_warranty")
    staged_at: Mapped[datetime]
    staged_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    settled_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[CreatedAt]

    __mapper_args__ = {"version_id_col": version}


class DefectBatch(Base):
    """Defects sent to the unit that answers for them, to be put right by a day that a person sets (WR-17, EN-12).

    `first_deadline` is the one it was sent with; the database keeps it. `late_told_at`: whoever keeps the warranty was
    told that the day has passed.
    """

    __tablename__ = "defect_batch"
    __table_args__ = (
        CheckConstraint(_in("occasion", OCCASIONS), name="occasion"),
        CheckConstraint(_in("state", BATCH_STATES), name="state"),
        CheckConstraint("(state = 'gathering') = (sent_at IS NULL)", name="sent"),
        CheckConstraint("(sent_at IS NULL) = (first_deadline IS NULL)", name="first_deadline"),
        CheckConstraint(
            "answered_at >= sent_at AND (answered_at IS NULL) <= (state <> 'answered')", name="answered"
        ),
        CheckConstraint(
            "(state = 'corrected') = (corrected_at IS NOT NULL) AND corrected_at >= sent_at", name="corrected"
        ),
        Index("ix_defect_batch_list", "project_id", "id"),
        Index(
            "ix_defect_batch_running",
            "project_id",
            "deadline",
            postgresql_where=text("state IN ('sent', 'answered')"),
        ),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    thread_id: Mapped[UUID] = mapped_column(ForeignKey(Thread.id))
    unit: Mapped[str]
    occasion: Mapped[Occasion] = mapped_column(String)
    state: Mapped[BatchState] = mapped_column(String, default="gathering", server_default="gathering")
    deadline: Mapped[date]
    first_deadline: Mapped[date | None]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]
    late_told_at: Mapped[datetime | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}


class DefectLine(Base):
    """One defect of a batch. `ticket_id` is the repair it was reported by, in one batch only.

    Once the batch is sent, a line stays as it was sent; only that it has been put right is added.
    """

    __tablename__ = "defect_line"
    __table_args__ = (
        CheckConstraint("(corrected_at IS NULL) = (corrected_by IS NULL)", name="corrected"),
        Index("ix_defect_line_batch_id", "batch_id", "id"),
        Index("uq_defect_line_ticket_id", "ticket_id", "component", unique=True),
    )

    id: Mapped[Id]
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("defect_batch.id"))
    home_id: Mapped[UUID] = mapped_column(ForeignKey("home.id"))
    component: Mapped[str]
    description: Mapped[str]
    ticket_id: Mapped[UUID | None]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[CreatedAt]
    corrected_at: Mapped[datetime | None]
    corrected_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


append_only("statutory_term")

# What a unit was sent is what it was sent.
after_tables(
    """CREATE FUNCTION keep_defect_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    correcting text[] := ARRAY['corrected_at', 'corrected_by'];
    standing text;
BEGIN
    SELECT state INTO standing FROM defect_batch WHERE id = coalesce(NEW.batch_id, OLD.batch_id) FOR SHARE;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - correcting = to_jsonb(NEW) - correcting THEN
        RETURN NEW;
    ELSIF standing <> 'gathering' OR TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'a defect stays as it was sent' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$"""
)
after_tables(
    "CREATE TRIGGER defect_line_kept BEFORE INSERT OR UPDATE OR DELETE ON defect_line FOR EACH ROW"
    " EXECUTE FUNCTION keep_defect_line()"
)
after_tables(
    """CREATE FUNCTION keep_first_deadline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the first deadline is kept' USING ERRCODE = 'restrict_violation';
END $$"""
)
after_tables(
    "CREATE TRIGGER defect_batch_first_deadline BEFORE UPDATE OF first_deadline, sent_at ON defect_batch FOR EACH ROW"
    " WHEN (OLD.sent_at IS NOT NULL AND (OLD.first_deadline IS DISTINCT FROM NEW.first_deadline"
    " OR OLD.sent_at IS DISTINCT FROM NEW.sent_at)) EXECUTE FUNCTION keep_first_deadline()"
)
