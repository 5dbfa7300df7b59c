"""Journeys: milestones with the first promise kept, tasks, dates moved in bulk; dates that a project may set."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_journeys"
down_revision = "20261122_standards_have_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for day in ("sales_open_on", "first_delivery_on", "mass_move_in_on", "mass_move_in_ends_on"):
        op.add_column("project", sa.Column(day, sa.Date(), nullable=True))
    op.create_table(
        "journey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ownership_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("standard_version_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("dates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ended_at >= begun_at", name=op.f("ck_journey_ended_after_begun")),
        sa.CheckConstraint(
            "ownership_id IS NULL OR step IS NOT NULL", name=op.f("ck_journey_ownership_has_step")
        ),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_journey_node_id")),
        sa.ForeignKeyConstraint(["ownership_id"], ["ownership.id"], name=op.f("fk_journey_ownership_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_journey_project_id")),
        sa.ForeignKeyConstraint(
            ["standard_version_id"], ["standard_version.id"], name=op.f("fk_journey_standard_version_id")
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_journey_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey")),
    )
    op.create_index(
        "ix_journey_board",
        "journey",
        ["project_id", "step"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL AND ownership_id IS NOT NULL"),
    )
    op.create_index(
        "uq_journey_of_project",
        "journey",
        ["project_id"],
        unique=True,
        postgresql_where=sa.text("ownership_id IS NULL"),
    )
    op.create_index("uq_journey_ownership_id", "journey", ["ownership_id"], unique=True)
    op.create_table(
        "milestone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("obligation", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.Date(), nullable=True),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("owner_sees", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_due_on", sa.Date(), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provisional", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'done') = (done_at IS NOT NULL) AND (state = 'done') = (recorded_at IS NOT NULL)",
            name=op.f("ck_milestone_done"),
        ),
        sa.CheckConstraint(
            "due_on IS NOT NULL OR state IN ('coming', 'done', 'not_applicable')",
            name=op.f("ck_milestone_due_known"),
        ),
        sa.CheckConstraint(
            "state IN ('coming', 'due', 'done', 'late', 'missed', 'not_applicable')",
            name=op.f("ck_milestone_state"),
        ),
        sa.CheckConstraint(
            "(due_on IS NULL) = (due_at IS NULL) AND (due_on IS NULL) = (opens_at IS NULL)",
            name=op.f("ck_milestone_promise_whole"),
        ),
        sa.CheckConstraint(
            "(first_due_on IS NULL) = (promised_at IS NULL)", name=op.f("ck_milestone_first_promise_whole")
        ),
        sa.CheckConstraint("due_on IS NULL OR first_due_on IS NOT NULL", name=op.f("ck_milestone_promised")),
        sa.CheckConstraint("opens_at <= due_at", name=op.f("ck_milestone_opens_before_due")),
        sa.CheckConstraint("recorded_at >= done_at", name=op.f("ck_milestone_recorded_after_done")),
        sa.ForeignKeyConstraint(["done_by"], ["account.id"], name=op.f("fk_milestone_done_by")),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_milestone_journey_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_milestone_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
    )
    op.create_index(
        "ix_milestone_overdue",
        "milestone",
        ["project_id", "obligation"],
        unique=False,
        postgresql_where=sa.text("state = 'late'"),
    )
    op.create_index(
        "ix_milestone_turning",
        "milestone",
        ["id"],
        unique=False,
        postgresql_where=sa.text(
            "due_on IS NOT NULL AND (state IN ('coming', 'due') OR state = 'late' AND ends_at IS NOT NULL)"
        ),
    )
    op.create_index(
        "uq_milestone_place",
        "milestone",
        ["journey_id", "obligation", "occurrence"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("held_at", sa.Uuid(), nullable=True),
        sa.Column("vacant_passed", postgresql.ARRAY(sa.UUID()), server_default="{}", nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("state IN ('open', 'done', 'void')", name=op.f("ck_task_state")),
        sa.ForeignKeyConstraint(["held_at"], ["node.id"], name=op.f("fk_task_held_at")),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestone.id"], name=op.f("fk_task_milestone_id")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_task_node_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_task_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index("ix_task_list", "task", ["node_id", "state", "role", "due_at", "id"], unique=False)
    op.create_index("uq_task_milestone_id", "task", ["milestone_id"], unique=True)
    op.create_table(
        "date_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=True),
        sa.Column("date_name", sa.Text(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("shift_days", sa.Integer(), nullable=True),
        sa.Column("shift_months", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), server_default="running", nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("same", sa.Integer(), server_default="0", nullable=False),
        sa.Column("skipped", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'done') = (finished_at IS NOT NULL)", name=op.f("ck_date_move_finished")
        ),
        sa.CheckConstraint("state IN ('running', 'done')", name=op.f("ck_date_move_state")),
        sa.CheckConstraint(
            "num_nonnulls(to_day, shift_days, shift_months) = 1", name=op.f("ck_date_move_one_way")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_date_move_actor_id")),
        sa.ForeignKeyConstraint(["building_id"], ["node.id"], name=op.f("fk_date_move_building_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_date_move_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_date_move")),
    )
    op.create_index(
        "uq_date_move_running",
        "date_move",
        ["project_id"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )

    op.execute(
        """CREATE FUNCTION keep_first_promise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the first promise is kept' USING ERRCODE = 'restrict_violation';
END $$"""
    )
    op.execute(
        "CREATE TRIGGER milestone_first_promise BEFORE UPDATE OF first_due_on, promised_at ON milestone FOR EACH ROW"
        " WHEN (OLD.first_due_on IS NOT NULL AND (OLD.first_due_on IS DISTINCT FROM NEW.first_due_on"
        " OR OLD.promised_at IS DISTINCT FROM NEW.promised_at)) EXECUTE FUNCTION keep_first_promise()"
    )


def downgrade() -> None:
    op.execute("DROP TABLE date_move, task, milestone, journey")
    op.execute("DROP FUNCTION keep_first_promise()")
    for day in ("sales_open_on", "first_delivery_on", "mass_move_in_on", "mass_move_in_ends_on"):
        op.drop_column("project", day)
