"""Chains that call people while a promise is in danger, pages, and the bundles in which they ring."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_escalations"
down_revision = "20261122_unattended"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "escalation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("standard_version_id", sa.Uuid(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("channels", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.Column("barred", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(), server_default="calling", nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_state", sa.String(), nullable=True),
        sa.Column("held_next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "begun_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(), nullable=True),
        sa.CheckConstraint("(state = 'ended') = (next_at IS NULL)", name=op.f("ck_escalation_goes_on")),
        sa.CheckConstraint(
            "ended_why IN ('met', 'void', 'paused', 'revised')", name=op.f("ck_escalation_ended_why")
        ),
        sa.CheckConstraint("held_state IN ('calling', 'rested')", name=op.f("ck_escalation_held_state")),
        sa.CheckConstraint(
            "num_nonnulls(ended_at, ended_why) = CASE state WHEN 'ended' THEN 2 ELSE 0 END",
            name=op.f("ck_escalation_ended"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(held_state, held_next_at) = CASE state WHEN 'paused' THEN 2 ELSE 0 END OR state = 'ended'",
            name=op.f("ck_escalation_paused"),
        ),
        sa.CheckConstraint(
            "state IN ('calling', 'rested', 'paused', 'ended')", name=op.f("ck_escalation_state")
        ),
        sa.CheckConstraint(
            "first_step BETWEEN 0 AND jsonb_array_length(steps) - 1 AND step BETWEEN first_step - 1 AND jsonb_array_length(steps) - 1",
            name=op.f("ck_escalation_step"),
        ),
        sa.CheckConstraint("jsonb_array_length(steps) > 0", name=op.f("ck_escalation_steps")),
        sa.CheckConstraint(
            "round >= 0 AND (round = 0) = (step < first_step)", name=op.f("ck_escalation_round")
        ),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_escalation_node_id")),
        sa.ForeignKeyConstraint(
            ["standard_version_id"], ["standard_version.id"], name=op.f("fk_escalation_standard_version_id")
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_escalation_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index(
        "ix_escalation_living",
        "escalation",
        ["next_at", "id"],
        unique=False,
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_index("ix_escalation_subject", "escalation", ["subject_kind", "subject_id"], unique=False)
    op.create_index(
        "uq_escalation_clock_id",
        "escalation",
        ["clock_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_table(
        "page_bundle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("pages > 0", name=op.f("ck_page_bundle_pages")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_page_bundle_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_bundle")),
    )
    op.create_index("ix_page_bundle_account_id", "page_bundle", ["account_id", "rung_at"], unique=False)
    op.create_table(
        "page",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("escalation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("bundle_id", sa.Uuid(), nullable=True),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("from_page_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('waiting', 'ringing')) = (closed_at IS NULL)", name=op.f("ck_page_closed")
        ),
        sa.CheckConstraint("state <> 'declined' OR reason IS NOT NULL", name=op.f("ck_page_reason")),
        sa.CheckConstraint("state <> 'ringing' OR rung_at IS NOT NULL", name=op.f("ck_page_ringing")),
        sa.CheckConstraint(
            "state IN ('waiting', 'ringing', 'acknowledged', 'declined', 'handed_over', 'answered', 'lapsed', 'ended')",
            name=op.f("ck_page_state"),
        ),
        sa.CheckConstraint("(bundle_id IS NULL) = (rung_at IS NULL)", name=op.f("ck_page_rung")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_page_account_id")),
        sa.ForeignKeyConstraint(["bundle_id"], ["page_bundle.id"], name=op.f("fk_page_bundle_id")),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], name=op.f("fk_page_escalation_id")),
        sa.ForeignKeyConstraint(["from_page_id"], ["page.id"], name=op.f("fk_page_from_page_id")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_page_node_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
    )
    op.create_index("ix_page_account_id", "page", ["account_id", "id"], unique=False)
    op.create_index(
        "ix_page_bundle_id",
        "page",
        ["bundle_id"],
        unique=False,
        postgresql_where=sa.text("bundle_id IS NOT NULL"),
    )
    op.create_index(
        "ix_page_waiting", "page", ["due_at"], unique=False, postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_index(
        "uq_page_open",
        "page",
        ["account_id", "escalation_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'ringing')"),
    )
    op.create_index("uq_page_round", "page", ["escalation_id", "step", "round", "account_id"], unique=True)


def downgrade() -> None:
    for table in ("page", "page_bundle", "escalation"):
        op.drop_table(table)
