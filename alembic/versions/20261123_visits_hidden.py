"""Whom a case is about sees none of its visits."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_visits_hidden"
down_revision = "20261123_tickets_are_listed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visit_hidden",
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False),
        sa.CheckConstraint("subject_kind IN ('ticket', 'case')", name=op.f("ck_visit_hidden_subject_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_visit_hidden_account_id")),
        sa.PrimaryKeyConstraint("subject_kind", "subject_id", "account_id", name=op.f("pk_visit_hidden")),
    )
    op.execute(
        "CREATE TRIGGER visit_hidden_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON visit_hidden"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    # Cases that stand already.
    op.execute(
        "INSERT INTO visit_hidden (subject_kind, subject_id, account_id, at)"
        " SELECT 'case', case_id, account_id, at FROM case_bar"
    )


def downgrade() -> None:
    op.drop_table("visit_hidden")
