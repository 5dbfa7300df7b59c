"""A device is retired with the session that told of it."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_devices_of_sessions"
down_revision = "20261122_posts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("device", sa.Column("session_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_device_session_id",
        "device",
        ["session_id"],
        unique=False,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.execute(
        """CREATE FUNCTION session_leaves_devices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE device SET retired_at = app_now(), retired_why = 'signed_out'
    WHERE session_id = NEW.id AND retired_at IS NULL;
    RETURN NULL;
END $$"""
    )
    op.execute(
        "CREATE TRIGGER session_leaves_devices AFTER UPDATE OF revoked_at ON session"
        " FOR EACH ROW WHEN (old.revoked_at IS NULL AND new.revoked_at IS NOT NULL)"
        " EXECUTE FUNCTION session_leaves_devices()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER session_leaves_devices ON session")
    op.execute("DROP FUNCTION session_leaves_devices()")
    op.drop_index("ix_device_session_id", table_name="device")
    op.drop_column("device", "session_id")
