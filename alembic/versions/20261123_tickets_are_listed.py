"""Tickets are listed by engineer and by home, and a project's live ones by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_tickets_are_listed"
down_revision = "20261123_pages_are_answered"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_ticket_project_live",
        "ticket",
        ["project_id", "opened_at", "id"],
        postgresql_where=sa.text("state NOT IN ('closed', 'cancelled')"),
    )
    op.create_index("ix_ticket_engineer_id", "ticket", ["engineer_id", "opened_at", "id"])
    op.create_index("ix_ticket_home_id", "ticket", ["home_id", "opened_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_ticket_home_id", "ticket")
    op.drop_index("ix_ticket_engineer_id", "ticket")
    op.drop_index("ix_ticket_project_live", "ticket")
