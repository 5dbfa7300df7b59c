"""Indexes for reading journeys: what a project owes soon, and what owners see."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_journeys_are_read"
down_revision = "20261122_journeys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_milestone_ahead",
        "milestone",
        ["project_id", "due_on"],
        postgresql_where=sa.text("state IN ('coming', 'due')"),
    )
    op.create_index(
        "ix_milestone_owner_sees", "milestone", ["journey_id"], postgresql_where=sa.text("owner_sees")
    )


def downgrade() -> None:
    op.drop_index("ix_milestone_owner_sees", "milestone")
    op.drop_index("ix_milestone_ahead", "milestone")
