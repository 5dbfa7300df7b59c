"""Files.

Photos, recordings and documents that lines name, the pieces an upload has arrived in, and who names a file.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_files"
down_revision = "20261122_threads_are_spoken_on"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("received", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(), server_default="receiving", nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("sizes", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("kind IN ('photo', 'file', 'voice')", name=op.f("ck_file_kind")),
        sa.CheckConstraint(
            "state IN ('receiving', 'processing', 'ready', 'refused', 'removed')", name=op.f("ck_file_state")
        ),
        sa.CheckConstraint("length > 0 AND received BETWEEN 0 AND length", name=op.f("ck_file_received")),
        sa.CheckConstraint(
            "state IN ('receiving', 'removed') OR received = length", name=op.f("ck_file_whole")
        ),
        sa.CheckConstraint("(state = 'refused') = (code IS NOT NULL)", name=op.f("ck_file_code")),
        sa.CheckConstraint("length(sha256) = 32", name=op.f("ck_file_sha256")),
        sa.CheckConstraint("(state = 'ready') <= (finished_at IS NOT NULL)", name=op.f("ck_file_finished")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_file_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
    )
    op.create_index("ix_file_account_id_created_at", "file", ["account_id", "created_at"])
    op.create_table(
        "file_piece",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.CheckConstraint("at >= 0 AND length > 0", name=op.f("ck_file_piece_place")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["file.id"], name=op.f("fk_file_piece_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", "at", name=op.f("pk_file_piece")),
    )
    op.create_index(
        "ix_entry_file",
        "entry",
        [sa.text("(body ->> 'file')")],
        postgresql_where=sa.text("(body ->> 'file') IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_entry_file", "entry")
    op.drop_table("file_piece")
    op.drop_index("ix_file_account_id_created_at", "file")
    op.drop_table("file")
