"""Agents at the desk are there in a shift, or without one."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_agents_on_shift"
down_revision = "20261122_conversations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent", sa.Column("on_shift", sa.Boolean(), server_default="false", nullable=False))
    # Who has no end in sight is found at the next sweep.
    op.execute("UPDATE agent SET on_shift = true WHERE shift_until IS NOT NULL")
    op.create_check_constraint("shift", "agent", "shift_until IS NULL OR on_shift")


def downgrade() -> None:
    op.drop_column("agent", "on_shift")
