"""Tickets that wait for an engineer are found at once, however many there are of others."""

from alembic import op

revision = "20261122_unattended"
down_revision = "20261122_consents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_ticket_unnamed ON ticket (opened_at, id)"
        " WHERE engineer_id IS NULL AND state = 'reported'"
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_unnamed", table_name="ticket")
