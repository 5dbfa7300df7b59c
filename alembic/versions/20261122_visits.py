"""Visits: planned, booked, made; their answers, findings and reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_visits"
down_revision = "20261123_escalations"
branch_labels = None
depends_on = None

_APPEND_ONLY = ("visit_attempt", "visit_answer", "visit_report")

_KEEPS = (
    """CREATE FUNCTION visit_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state IN ('planned', 'booked')
        AND (OLD.first_due_at IS NULL OR OLD.first_due_at IS NOT DISTINCT FROM NEW.first_due_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a visit that is made stays as it was made, and what was due first is kept'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'visit_keeps';
END $$""",
    "CREATE TRIGGER visit_keeps BEFORE UPDATE OR DELETE ON visit FOR EACH ROW EXECUTE FUNCTION visit_keeps()",
)


def upgrade() -> None:
    op.create_table(
        "visit_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("improvements", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("told", sa.Integer(), server_default="0", nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(figures) = 'object'", name=op.f("ck_visit_report_figures")),
        sa.CheckConstraint(
            "kind IN ('sales', 'delivery', 'living', 'daily_living', 'one_year', 'seasonal', 'repair', 'complaint')",
            name=op.f("ck_visit_report_kind"),
        ),
        sa.CheckConstraint("cardinality(roles) > 0", name=op.f("ck_visit_report_roles")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_visit_report_days")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_visit_report_by_id")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_visit_report_node_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_report")),
    )
    op.create_index("ix_visit_report_node_id", "visit_report", ["node_id", "id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("ownership_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("standard_version_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("barred", postgresql.ARRAY(sa.UUID()), server_default="{}", nullable=False),
        sa.Column("state", sa.String(), server_default="planned", nullable=False),
        sa.Column("visitor_id", sa.Uuid(), nullable=True),
        sa.Column("planned_by", sa.Uuid(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mode", sa.String(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("stars", sa.SmallInteger(), nullable=True),
        sa.Column("low", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("photos", postgresql.ARRAY(sa.UUID()), server_default="{}", nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_why", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'completed') = (completed_at IS NOT NULL)", name=op.f("ck_visit_completed")
        ),
        sa.CheckConstraint(
            "(state = 'completed') = (summary IS NOT NULL) AND (state <> 'completed' OR visitor_id IS NOT NULL AND mode IS NOT NULL)",
            name=op.f("ck_visit_completed_whole"),
        ),
        sa.CheckConstraint(
            "(state = 'void') = (voided_at IS NOT NULL) AND (state = 'void') = (void_why IS NOT NULL)",
            name=op.f("ck_visit_void"),
        ),
        sa.CheckConstraint(
            "kind IN ('sales', 'delivery', 'living', 'daily_living', 'one_year', 'seasonal', 'repair', 'complaint')",
            name=op.f("ck_visit_kind"),
        ),
        sa.CheckConstraint("mode IN ('talk', 'house')", name=op.f("ck_visit_mode")),
        sa.CheckConstraint(
            "state = 'completed' OR (accepted IS NULL AND stars IS NULL AND NOT low)",
            name=op.f("ck_visit_judged"),
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'booked', 'completed', 'void')", name=op.f("ck_visit_state")
        ),
        sa.CheckConstraint(
            "subject_kind IN ('milestone', 'ticket', 'case', 'home')", name=op.f("ck_visit_subject_kind")
        ),
        sa.CheckConstraint(
            "void_why IN ('done_otherwise', 'reopened', 'not_wanted', 'ended', 'sold')",
            name=op.f("ck_visit_void_why"),
        ),
        sa.CheckConstraint("(due_at IS NULL) = (first_due_at IS NULL)", name=op.f("ck_visit_due")),
        sa.CheckConstraint("breached_at IS NULL OR due_at IS NOT NULL", name=op.f("ck_visit_breached")),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_visit_stars")),
        sa.CheckConstraint("visitor_id <> ALL (barred)", name=op.f("ck_visit_visitor_not_handler")),
        sa.ForeignKeyConstraint(["contact_id"], ["account.id"], name=op.f("fk_visit_contact_id")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_visit_node_id")),
        sa.ForeignKeyConstraint(["ownership_id"], ["ownership.id"], name=op.f("fk_visit_ownership_id")),
        sa.ForeignKeyConstraint(["planned_by"], ["account.id"], name=op.f("fk_visit_planned_by")),
        sa.ForeignKeyConstraint(
            ["standard_version_id"], ["standard_version.id"], name=op.f("fk_visit_standard_version_id")
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_visit_thread_id")),
        sa.ForeignKeyConstraint(["visitor_id"], ["account.id"], name=op.f("fk_visit_visitor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("thread_id", name=op.f("uq_visit_thread_id")),
    )
    op.create_index(
        "ix_visit_completed",
        "visit",
        ["node_id", "completed_at"],
        unique=False,
        postgresql_where=sa.text("state = 'completed'"),
    )
    op.create_index("ix_visit_contact_id", "visit", ["contact_id", "id"], unique=False)
    op.create_index(
        "ix_visit_live_node",
        "visit",
        ["node_id", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('planned', 'booked')"),
    )
    op.create_index(
        "ix_visit_live_visitor",
        "visit",
        ["visitor_id", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('planned', 'booked')"),
    )
    op.create_index("ix_visit_ownership_id", "visit", ["ownership_id", "id"], unique=False)
    op.create_index("ix_visit_subject", "visit", ["subject_kind", "subject_id"], unique=False)
    op.create_index(
        "uq_visit_live",
        "visit",
        ["subject_kind", "subject_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('planned', 'booked')"),
    )
    op.create_table(
        "visit_answer",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("yes", sa.Boolean(), nullable=True),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("(part = 'A3') = (score IS NOT NULL)", name=op.f("ck_visit_answer_scored")),
        sa.CheckConstraint("part <> 'check' OR yes IS NOT NULL", name=op.f("ck_visit_answer_checked")),
        sa.CheckConstraint("part <> 'script' OR said IS NOT NULL", name=op.f("ck_visit_answer_said")),
        sa.CheckConstraint("part IN ('script', 'check', 'A2', 'A3')", name=op.f("ck_visit_answer_part")),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_visit_answer_score")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_answer_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "part", "line", name=op.f("pk_visit_answer")),
    )
    op.create_index("ix_visit_answer_line", "visit_answer", ["part", "line", "visit_id"], unique=False)
    op.create_table(
        "visit_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way IN ('phone', 'chat', 'door')", name=op.f("ck_visit_attempt_way")),
        sa.CheckConstraint("recorded_at >= at", name=op.f("ck_visit_attempt_recorded")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_visit_attempt_by_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_attempt_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_attempt")),
    )
    op.create_index("ix_visit_attempt_visit_id", "visit_attempt", ["visit_id", "at"], unique=False)
    op.create_table(
        "visit_booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visitor_id", sa.Uuid(), nullable=True),
        sa.Column("booked_by", sa.Uuid(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("visitor_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("outcome IS NULL"),
            using="gist",
            name="ex_visit_booking_one_place_at_a_time",
        ),
        sa.CheckConstraint("mode IN ('talk', 'house')", name=op.f("ck_visit_booking_mode")),
        sa.CheckConstraint(
            "outcome IN ('kept', 'moved', 'called_off', 'owner_absent', 'visitor_absent')",
            name=op.f("ck_visit_booking_outcome"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_visit_booking_ended_whole")
        ),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_visit_booking_ended")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_visit_booking_times")),
        sa.ForeignKeyConstraint(["booked_by"], ["account.id"], name=op.f("fk_visit_booking_booked_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_visit_booking_ended_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_booking_visit_id")),
        sa.ForeignKeyConstraint(["visitor_id"], ["account.id"], name=op.f("fk_visit_booking_visitor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_booking")),
    )
    op.create_index("ix_visit_booking_visit_id", "visit_booking", ["visit_id", "booked_at"], unique=False)
    op.create_index(
        "uq_visit_booking_to_come",
        "visit_booking",
        ["visit_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "visit_finding",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("becomes", sa.String(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("component", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("photos", postgresql.ARRAY(sa.UUID()), server_default="{}", nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "becomes <> 'ticket' OR place IS NOT NULL AND component IS NOT NULL",
            name=op.f("ck_visit_finding_located"),
        ),
        sa.CheckConstraint("becomes IN ('ticket', 'case', 'note')", name=op.f("ck_visit_finding_becomes")),
        sa.CheckConstraint("case_id IS NULL OR becomes = 'case'", name=op.f("ck_visit_finding_case")),
        sa.CheckConstraint("ticket_id IS NULL OR becomes = 'ticket'", name=op.f("ck_visit_finding_ticket")),
        sa.CheckConstraint("number > 0", name=op.f("ck_visit_finding_number")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_visit_finding_by_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_visit_finding_ticket_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_finding_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "number", name=op.f("pk_visit_finding")),
    )
    op.create_index(
        "ix_visit_finding_waiting",
        "visit_finding",
        ["visit_id"],
        unique=False,
        postgresql_where=sa.text("becomes <> 'note' AND ticket_id IS NULL AND case_id IS NULL"),
    )
    for name in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for kept in _KEEPS:
        op.execute(kept)


def downgrade() -> None:
    op.execute("DROP TABLE visit_report, visit_finding, visit_answer, visit_attempt, visit_booking, visit")
    op.execute("DROP FUNCTION visit_keeps()")
