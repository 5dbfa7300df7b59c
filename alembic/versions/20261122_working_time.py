"""Working time.

Service hours and overrides of the tree's nodes, their versions, and the promises each would move.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_working_time"
down_revision = "20261122_threads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("change", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column(
            "published_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_calendar_version_number")),
        sa.CheckConstraint("act IN ('hours', 'words', 'overrides')", name=op.f("ck_calendar_version_act")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_calendar_version_node_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_calendar_version")),
    )
    op.create_index("ix_calendar_version_node_id", "calendar_version", ["node_id", "number"])
    op.create_table(
        "calendar_hours",
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("week", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("observes_holidays", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "jsonb_typeof(week) = 'array' AND jsonb_array_length(week) = 7",
            name=op.f("ck_calendar_hours_week"),
        ),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_calendar_hours_node_id")),
        sa.ForeignKeyConstraint(
            ["version"], ["calendar_version.number"], name=op.f("fk_calendar_hours_version")
        ),
        sa.PrimaryKeyConstraint("node_id", name=op.f("pk_calendar_hours")),
    )
    op.create_table(
        "calendar_override",
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shifts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(shifts) = 'array'", name=op.f("ck_calendar_override_shifts")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_calendar_override_node_id")),
        sa.ForeignKeyConstraint(
            ["version"], ["calendar_version.number"], name=op.f("fk_calendar_override_version")
        ),
        sa.PrimaryKeyConstraint("node_id", "day", name=op.f("pk_calendar_override")),
    )
    op.create_table(
        "calendar_move",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counted_by", sa.Integer(), nullable=False),
        sa.Column("old_due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("new_due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revised_by", sa.Uuid(), nullable=True),
        sa.Column("revision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("old_due <> new_due", name=op.f("ck_calendar_move_moves")),
        sa.CheckConstraint(
            "num_nulls(revised_at, revised_by, revision_reason) IN (0, 3)",
            name=op.f("ck_calendar_move_revision_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["calendar_version.number"], name=op.f("fk_calendar_move_version")
        ),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_calendar_move_node_id")),
        sa.PrimaryKeyConstraint("version", "clock_id", name=op.f("pk_calendar_move")),
    )
    op.execute(
        "CREATE TRIGGER calendar_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON calendar_version"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("calendar_move")
    op.drop_table("calendar_override")
    op.drop_table("calendar_hours")
    op.drop_table("calendar_version")
