"""Timers, and the audit of what they must do.

New tables only.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_timers"
down_revision = "20261122_the_house_stands"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE FUNCTION app_moment() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN clock_timestamp() + coalesce((SELECT shift FROM clock_shift), '0');
END $$"""
    )
    op.create_table(
        "audit_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("checks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("jsonb_typeof(faults) = 'array'", name=op.f("ck_audit_report_faults")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_report")),
    )
    op.create_index("ix_audit_report_at", "audit_report", ["at"], unique=False)
    op.create_table(
        "timer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), server_default="pending", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "armed_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lateness", sa.Interval(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'fired') = (fired_at IS NOT NULL) AND (fired_at IS NULL) = (lateness IS NULL)",
            name=op.f("ck_timer_fired"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'fired', 'cancelled', 'parked')", name=op.f("ck_timer_state")
        ),
        sa.CheckConstraint("next_try_at >= due_at", name=op.f("ck_timer_none_before_its_time")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_timer_kind_key")),
    )
    op.create_index("ix_timer_state_next_try_at_id", "timer", ["state", "next_try_at", "id"], unique=False)
    op.create_table(
        "timer_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("timer_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(act = 'release') = (timer_id IS NULL)", name=op.f("ck_timer_act_of_a_timer")),
        sa.CheckConstraint("act IN ('retry', 'drop', 'release')", name=op.f("ck_timer_act_act")),
        sa.CheckConstraint("length(reason) >= 2", name=op.f("ck_timer_act_reason")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer_act")),
    )
    op.create_table(
        "timer_hold",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("ahead", sa.Double(), nullable=False),
        sa.Column(
            "began_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(released_at IS NULL) = (released_because IS NULL)", name=op.f("ck_timer_hold_released")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer_hold")),
    )
    op.create_index(
        "uq_timer_hold_open",
        "timer_hold",
        [sa.literal_column("(true)")],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "timer_lateness",
        sa.Column("at_most", sa.Double(), nullable=False),
        sa.Column("fired", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("at_most", name=op.f("pk_timer_lateness")),
    )
    op.create_table(
        "timer_pulse",
        sa.Column("worker", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("beat", sa.Integer(), nullable=False),
        sa.Column("ahead", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_timer_pulse")),
    )
    op.execute(
        "CREATE TRIGGER timer_act_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON timer_act FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("timer_pulse")
    op.drop_table("timer_lateness")
    op.drop_table("timer_hold")
    op.drop_table("timer_act")
    op.drop_table("timer")
    op.drop_table("audit_report")
    op.execute("DROP FUNCTION app_moment()")
