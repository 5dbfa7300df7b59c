"""What lives of cases is found without those that have ended."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_live_cases"
down_revision = "20261123_visits_hidden"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_hotline_case_live",
        "hotline_case",
        ["id"],
        postgresql_where=sa.text("state NOT IN ('closed', 'merged', 'passed_on')"),
    )


def downgrade() -> None:
    op.drop_index("ix_hotline_case_live", "hotline_case")
