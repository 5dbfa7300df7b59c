"""Consents by use, and whom posts name."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_consents"
down_revision = "20261122_field"
branch_labels = None
depends_on = None

_ADDED = (
    (
        "CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consent"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ),
    (
        "CREATE VIEW consent_now AS SELECT DISTINCT ON (account_id, use) account_id, use, number, given, at, by_id"
        " FROM consent ORDER BY account_id, use, number DESC"
    ),
    (
        "CREATE TRIGGER post_name_kept BEFORE INSERT OR UPDATE OR DELETE ON post_name FOR EACH ROW"
        " EXECUTE FUNCTION keep_post_part()"
    ),
)


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "use IN ('publication', 'visitor_details', 'club_contact', 'provider_contact')",
            name=op.f("ck_consent_use"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_consent_number")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_consent_by_id")),
        sa.PrimaryKeyConstraint("account_id", "use", "number", name=op.f("pk_consent")),
    )
    op.create_table(
        "post_name",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_post_name_account_id")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_name_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "account_id", name=op.f("pk_post_name")),
    )
    op.create_index("ix_post_name_account_id", "post_name", ["account_id"])
    op.create_index("uq_post_name_place", "post_name", ["post_id", "place"], unique=True)
    for added in _ADDED:
        op.execute(added)


def downgrade() -> None:
    op.execute("DROP VIEW consent_now")
    op.execute("DROP TABLE post_name, consent")
