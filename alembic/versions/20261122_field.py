"""Phones hand in what was recorded without a network; tickets' changes of state are known by their versions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_field"
down_revision = "20261122_visits_and_charges"
branch_labels = None
depends_on = None

_TURNS = """CREATE FUNCTION ticket_turns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_turn (ticket_id, version, state) VALUES (NEW.id, NEW.version, NEW.state)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$"""


def upgrade() -> None:
    op.create_table(
        "sync_operation",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("thread_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome IN ('applied', 'refused')", name=op.f("ck_sync_operation_outcome")),
        sa.CheckConstraint("(outcome = 'refused') = (code IS NOT NULL)", name=op.f("ck_sync_operation_code")),
        sa.CheckConstraint(
            "(outcome = 'applied') = (version IS NOT NULL) AND (version IS NULL) = (from_version IS NULL)",
            name=op.f("ck_sync_operation_version"),
        ),
        sa.CheckConstraint("from_version <= version", name=op.f("ck_sync_operation_from_version")),
        sa.CheckConstraint("(thread_id IS NULL) = (seq IS NULL)", name=op.f("ck_sync_operation_line")),
        sa.CheckConstraint(
            "outcome = 'applied' OR seq IS NOT NULL OR content IS NOT NULL",
            name=op.f("ck_sync_operation_kept"),
        ),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_sync_operation_digest")),
        sa.CheckConstraint("at <= received_at", name=op.f("ck_sync_operation_times")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sync_operation_account_id")),
        sa.ForeignKeyConstraint(
            ["thread_id", "seq"],
            ["entry.thread_id", "entry.seq"],
            name=op.f("fk_sync_operation_thread_id_seq"),
        ),
        sa.PrimaryKeyConstraint("account_id", "device", "id", "digest", name=op.f("pk_sync_operation")),
    )
    op.create_index(
        "uq_sync_operation_first",
        "sync_operation",
        ["account_id", "device", "id"],
        unique=True,
        postgresql_where=sa.text("code IS DISTINCT FROM 'operation_id_reused'"),
    )
    op.create_index(
        "ix_sync_operation_ticket_id",
        "sync_operation",
        ["ticket_id", "version"],
        postgresql_where=sa.text("version IS NOT NULL"),
    )
    op.create_table(
        "ticket_turn",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_turn_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "version", name=op.f("pk_ticket_turn")),
    )
    for table in ("sync_operation", "ticket_turn"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(_TURNS)
    op.execute(
        "CREATE TRIGGER ticket_turns AFTER UPDATE OF state ON ticket FOR EACH ROW"
        " WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION ticket_turns()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER ticket_turns ON ticket")
    op.execute("DROP FUNCTION ticket_turns()")
    op.drop_table("ticket_turn")
    op.drop_table("sync_operation")
