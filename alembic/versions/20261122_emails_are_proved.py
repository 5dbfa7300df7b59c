"""An e-mail address is used once its owner has proved it; those that nobody proved are forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_emails_are_proved"
down_revision = "20261122_devices_of_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "email_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name=op.f("ck_email_check_tries")),
        sa.CheckConstraint("email ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name=op.f("ck_email_check_email")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_email_check_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_check")),
    )
    op.create_index("ix_email_check_account_id", "email_check", ["account_id", "id"], unique=False)
    op.execute("UPDATE notice_settings SET email = NULL WHERE email IS NOT NULL")


def downgrade() -> None:
    op.drop_table("email_check")
