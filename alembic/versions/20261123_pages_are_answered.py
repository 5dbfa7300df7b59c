"""Pages are answered by a tap, in the app or on the telephone; chains are paused; people have themselves called again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_pages_are_answered"
down_revision = "20261123_case_figures"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("page_bundle", sa.Column("tapped_at", _MOMENT, nullable=True))
    op.create_check_constraint(op.f("ck_page_bundle_tapped"), "page_bundle", "tapped_at >= rung_at")
    op.add_column("page", sa.Column("via", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_page_via"), "page", "via IN ('app', 'link', 'telephone')")
    op.create_check_constraint(op.f("ck_page_acknowledged"), "page", "via IS NULL OR state = 'acknowledged'")
    op.create_table(
        "page_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bundle_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("recorded_at", _MOMENT, server_default=sa.text("app_now()"), nullable=False),
        sa.CheckConstraint("at <= recorded_at", name=op.f("ck_page_call_at")),
        sa.CheckConstraint("by_id <> account_id", name=op.f("ck_page_call_by")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_page_call_account_id")),
        sa.ForeignKeyConstraint(["bundle_id"], ["page_bundle.id"], name=op.f("fk_page_call_bundle_id")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_page_call_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_call")),
    )
    op.create_index("ix_page_call_bundle_id", "page_call", ["bundle_id", "at"])
    op.execute(
        "CREATE TRIGGER page_call_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON page_call"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.create_table(
        "escalation_pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("escalation_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("resumed_at", _MOMENT, nullable=True),
        sa.Column("resumed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("until > since", name=op.f("ck_escalation_pause_until")),
        sa.CheckConstraint("length(reason) >= 2", name=op.f("ck_escalation_pause_reason")),
        sa.CheckConstraint(
            "(resumed_at IS NULL) = (resumed_by IS NULL)", name=op.f("ck_escalation_pause_resumed")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_escalation_pause_by_id")),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalation.id"], name=op.f("fk_escalation_pause_escalation_id")
        ),
        sa.ForeignKeyConstraint(["resumed_by"], ["account.id"], name=op.f("fk_escalation_pause_resumed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_pause")),
    )
    op.create_index("ix_escalation_pause_escalation_id", "escalation_pause", ["escalation_id", "since"])
    op.create_table(
        "paging_rules",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("again", postgresql.JSONB(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.CheckConstraint("jsonb_typeof(again) = 'array'", name=op.f("ck_paging_rules_again")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_paging_rules_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_paging_rules")),
    )


def downgrade() -> None:
    for table in ("paging_rules", "escalation_pause", "page_call"):
        op.drop_table(table)
    op.drop_column("page", "via")
    op.drop_column("page_bundle", "tapped_at")
