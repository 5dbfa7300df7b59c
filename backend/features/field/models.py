"""Every operation that a phone ever handed in, and what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base
from backend.db.ddl import after_tables, append_only
from backend.features.field.rules import Outcome


class SyncOperation(Base):
    """One operation, once: applied, or refused for the reason in `code`, with its `params`; nothing is dropped.

    `id` is the phone's, once for a device of an account; under the same id something else (`digest`) is refused.
    `claimed_at` is the phone's clock, `at` what was believed of it, `received_at` ours (CT-45). `from_version` and
    `version` are the ticket's before and after it was applied. Of a refused one the line at `thread_id`, `seq` holds
    what was recorded (RC-20); where there is none, or it is too long for one, `content` does, as JSON in ASCII.
    `ticket_id` is what the phone named, so it may be no ticket at all.
    """

    __tablename__ = "sync_operation"
    __table_args__ = (
        CheckConstraint("outcome IN ('applied', 'refused')", name="outcome"),
        CheckConstraint("(outcome = 'refused') = (code IS NOT NULL)", name="code"),
        CheckConstraint(
            "(outcome = 'applied') = (version IS NOT NULL) AND (version IS NULL) = (from_version IS NULL)",
            name="version",
        ),
        CheckConstraint("from_version <= version", name="from_version"),
        CheckConstraint("(thread_id IS NULL) = (seq IS NULL)", name="line"),
        CheckConstraint("outcome = 'applied' OR seq IS NOT NULL OR content IS NOT NULL", name="kept"),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        CheckConstraint("at <= received_at", name="times"),
        ForeignKeyConstraint(["thread_id", "seq"], ["entry.thread_id", "entry.seq"]),
        # What stands under an id; all else that comes under it is refused for that.
        Index(
            "uq_sync_operation_first",
            "account_id",
            "device",
            "id",
            unique=True,
            postgresql_where=text("code IS DISTINCT FROM 'operation_id_reused'"),
        ),
        # Which versions of a ticket are a device's own.
        Index(
            "ix_sync_operation_ticket_id",
            "ticket_id",
            "version",
            postgresql_where=text("version IS NOT NULL"),
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID | None]
    op: Mapped[str]
    base_version: Mapped[int]
    claimed_at: Mapped[datetime | None]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    outcome: Mapped[Outcome] = mapped_column(String)
    code: Mapped[str | None]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    from_version: Mapped[int | None]
    version: Mapped[int | None]
    thread_id: Mapped[UUID | None]
    seq: Mapped[int | None]
    content: Mapped[str | None]


class TicketTurn(Base):
    """That a ticket came into another state, and with which version. Written by the database alone.

    By it an operation is known to be overtaken (`rules.overtaken`), whoever moved the ticket and by whatever road.
    """

    __tablename__ = "ticket_turn"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]


append_only("sync_operation")
append_only("ticket_turn")

after_tables(
    """CREATE FUNCTION ticket_turns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_turn (ticket_id, version, state) VALUES (NEW.id, NEW.version, NEW.state)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$"""
)
after_tables(
    "CREATE TRIGGER ticket_turns AFTER UPDATE OF state ON ticket FOR EACH ROW"
    " WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION ticket_turns()"
)
