"""Standards have versions.

The standard of a project is data: versioned, approved, and never changed once it is.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_standards_have_versions"
down_revision = "20261122_working_time"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "standard",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_standard_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_standard")),
    )
    op.create_table(
        "standard_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("version ~ '^[A-Z]/[0-9]$'", name=op.f("ck_standard_version_version")),
        sa.CheckConstraint("state IN ('draft', 'approved')", name=op.f("ck_standard_version_state")),
        sa.CheckConstraint(
            "document->>'code' = code AND document->>'version' = version",
            name=op.f("ck_standard_version_document_is_this_one"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(approved_at, effective_from, reason) = CASE state WHEN 'approved' THEN 3 ELSE 0 END",
            name=op.f("ck_standard_version_approval_whole"),
        ),
        sa.CheckConstraint(
            "state = 'approved' OR approved_by IS NULL", name=op.f("ck_standard_version_approved_by")
        ),
        sa.CheckConstraint(
            "(proposed_by IS NULL) = (approved_by IS NULL) OR state = 'draft'",
            name=op.f("ck_standard_version_shipped_or_approved"),
        ),
        sa.CheckConstraint(
            "approved_by <> proposed_by", name=op.f("ck_standard_version_approved_by_another")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["account.id"], name=op.f("fk_standard_version_approved_by")
        ),
        sa.ForeignKeyConstraint(["code"], ["standard.code"], name=op.f("fk_standard_version_code")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_standard_version_proposed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_version")),
        sa.UniqueConstraint("code", "effective_from", name=op.f("uq_standard_version_code_effective_from")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_standard_version_code_version")),
    )
    op.create_index(
        "uq_standard_version_draft",
        "standard_version",
        ["code"],
        unique=True,
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "standard_choice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["chosen_by"], ["account.id"], name=op.f("fk_standard_choice_chosen_by")),
        sa.ForeignKeyConstraint(["code"], ["standard.code"], name=op.f("fk_standard_choice_code")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_standard_choice_node_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_choice")),
    )
    op.create_index("ix_standard_choice_node_id", "standard_choice", ["node_id", "since"])
    op.execute(
        "CREATE TRIGGER standard_choice_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON standard_choice FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER standard_version_approved_stays BEFORE UPDATE OR DELETE ON standard_version FOR EACH ROW WHEN (old.state = 'approved') EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER standard_version_no_truncate BEFORE TRUNCATE ON standard_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Standards are gone with their tables."""
    op.drop_table("standard_choice")
    op.drop_table("standard_version")
    op.drop_table("standard")
