"""Visits: planned for a reason, booked, made by somebody who did not handle it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Id
from backend.db.ddl import after_tables
from backend.db.words import one_of
from backend.features.visits.rules.kinds import KINDS, MODES, Kind, Mode
from backend.features.visits.rules.states import LIVE, STATES, VOIDS, State, Void
from backend.platform.threads.models import Thread

_LIVE = one_of("state", LIVE)


class Visit(Base):
    """One visit, about one subject: a milestone of a journey, a ticket, a case, or a home by itself.

    `node_id`: the nearest node of the tree, by which staff see it. `contact_*`: whom to reach; the account alone, or
    what was noted of somebody without one. `role`: who makes it. `barred`: they handled the matter, and cannot (CT-30);
    the database refuses them. `due_at` null: the method gives no time (GP-23). `first_due_at`: what was due first,
    kept for ever. `standard_version_id`: whose script and checklist are asked by; a version never changes. `accepted`:
    what the owner says of the result; null: it was not asked. `stars`: how they found it, 1 to 5. `low`: it is not
    settled, or found bad.
    """

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(one_of("mode", MODES), name="mode"),
        CheckConstraint(one_of("void_why", VOIDS), name="void_why"),
        CheckConstraint("subject_kind IN ('milestone', 'ticket', 'case', 'home')", name="subject_kind"),
        CheckConstraint("visitor_id <> ALL (barred)", name="visitor_not_handler"),
        CheckConstraint("(state = 'completed') = (completed_at IS NOT NULL)", name="completed"),
        CheckConstraint(
            "(state = 'completed') = (summary IS NOT NULL)"
            " AND (state <> 'completed' OR visitor_id IS NOT NULL AND mode IS NOT NULL)",
            name="completed_whole",
        ),
        CheckConstraint(
            "(state = 'void') = (voided_at IS NOT NULL) AND (state = 'void') = (void_why IS NOT NULL)",
            name="void",
        ),
        CheckConstraint(
            "state = 'completed' OR (accepted IS NULL AND stars IS NULL AND NOT low)", name="judged"
        ),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        CheckConstraint("(due_at IS NULL) = (first_due_at IS NULL)", name="due"),
        CheckConstraint("breached_at IS NULL OR due_at IS NOT NULL", name="breached"),
        Index(
            "uq_visit_live",
            "subject_kind",
            "subject_id",
            "kind",
            unique=True,
            postgresql_where=text(_LIVE),
        ),
        Index("ix_visit_live_node", "node_id", "due_at", "id", postgresql_where=text(_LIVE)),
        Index("ix_visit_live_visitor", "visitor_id", "due_at", "id", postgresql_where=text(_LIVE)),
        Index("ix_visit_subject", "subject_kind", "subject_id"),
        Index("ix_visit_ownership_id", "ownership_id", "id"),
        Index("ix_visit_contact_id", "contact_id", "id"),
        Index(
            "ix_visit_completed",
            "node_id",
            "completed_at",
            postgresql_where=text("state = 'completed'"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[Kind] = mapped_column(String)
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    ownership_id: Mapped[UUID | None] = mapped_column(ForeignKey("ownership.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    contact_name: Mapped[str | None]
    contact_phone: Mapped[str | None]
    thread_id: Mapped[UUID] = mapped_column(ForeignKey(Thread.id), unique=True)
    standard_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("standard_version.id"))
    role: Mapped[str]
    barred: Mapped[list[UUID]] = mapped_column(ARRAY(PgUUID(as_uuid=True)), default=list, server_default="{}")
    state: Mapped[State] = mapped_column(String, default="planned", server_default="planned")
    visitor_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    planned_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    planned_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    first_due_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    mode: Mapped[Mode | None] = mapped_column(String)
    completed_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]
    stars: Mapped[int | None] = mapped_column(SmallInteger)
    low: Mapped[bool] = mapped_column(default=False, server_default="false")
    opinion: Mapped[str | None]
    summary: Mapped[str | None]
    photos: Mapped[list[UUID]] = mapped_column(ARRAY(PgUUID(as_uuid=True)), default=list, server_default="{}")
    voided_at: Mapped[datetime | None]
    void_why: Mapped[Void | None] = mapped_column(String)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}


# What was due first stays on record; what is completed or void is never rewritten.
after_tables(
    """CREATE FUNCTION visit_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state IN ('planned', 'booked')
        AND (OLD.first_due_at IS NULL OR OLD.first_due_at IS NOT DISTINCT FROM NEW.first_due_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a visit that is made stays as it was made, and what was due first is kept'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'visit_keeps';
END $$"""
)
after_tables(
    "CREATE TRIGGER visit_keeps BEFORE UPDATE OR DELETE ON visit FOR EACH ROW EXECUTE FUNCTION visit_keeps()"
)
