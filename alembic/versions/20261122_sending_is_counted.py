"""What workers have sent, how late, and how their breakers stand."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_sending_is_counted"
down_revision = "20261122_emails_are_proved"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_tally",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lane", "channel", "outcome", name=op.f("pk_delivery_tally")),
    )
    op.create_table(
        "delivery_lateness",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("at_most", sa.Float(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("lane", "at_most", name=op.f("pk_delivery_lateness")),
    )
    op.create_table(
        "channel_breaker",
        sa.Column("worker", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('closed', 'open', 'probing')", name=op.f("ck_channel_breaker_state")),
        sa.PrimaryKeyConstraint("worker", "channel", name=op.f("pk_channel_breaker")),
    )


def downgrade() -> None:
    op.drop_table("channel_breaker")
    op.drop_table("delivery_lateness")
    op.drop_table("delivery_tally")
