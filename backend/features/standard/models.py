"""Standards, their versions, and which of them a part of the estate goes by."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.ddl import after_tables, append_only

State = Literal["draft", "approved"]


class KnownStandard(Base):
    """A standard by its code. Its row is locked by whoever drafts or approves a version of it."""

    __tablename__ = "standard"
    __table_args__ = (CheckConstraint("code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="code"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[CreatedAt]


class StandardVersion(Base):
    """A version of a standard. An approved one is never changed or deleted: the database refuses (RC-18, RC-22).

    One draft at a time; whoever wrote its text last does not approve it. One that came with the product has nobody
    who proposed or approved it. `revision` counts the changes of the row.
    """

    __tablename__ = "standard_version"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        UniqueConstraint("code", "effective_from"),
        Index("uq_standard_version_draft", "code", unique=True, postgresql_where=text("state = 'draft'")),
        CheckConstraint("version ~ '^[A-Z]/[0-9]$'", name="version"),
        CheckConstraint("state IN ('draft', 'approved')", name="state"),
        CheckConstraint(
            "document->>'code' = code AND document->>'version' = version", name="document_is_this_one"
        ),
        CheckConstraint(
            "num_nonnulls(approved_at, effective_from, reason) = CASE state WHEN 'approved' THEN 3 ELSE 0 END",
            name="approval_whole",
        ),
        CheckConstraint("state = 'approved' OR approved_by IS NULL", name="approved_by"),
        CheckConstraint(
            "(proposed_by IS NULL) = (approved_by IS NULL) OR state = 'draft'", name="shipped_or_approved"
        ),
        CheckConstraint("approved_by <> proposed_by", name="approved_by_another"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(ForeignKey("standard.code"))
    version: Mapped[str]
    state: Mapped[State] = mapped_column(String)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str]
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]
    effective_from: Mapped[date | None]
    reason: Mapped[str | None]
    revision: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": revision}


class StandardChoice(Base):
    """From a day on, a project goes by a standard; so does a region or the company, for projects that chose none.

    Append only: the newest row of a node that has begun is its choice.
    """

    __tablename__ = "standard_choice"
    __table_args__ = (Index("ix_standard_choice_node_id", "node_id", "since"),)

    id: Mapped[Id]
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    code: Mapped[str] = mapped_column(ForeignKey("standard.code"))
    since: Mapped[date]
    chosen_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


append_only("standard_choice")
after_tables(
    "CREATE TRIGGER standard_version_approved_stays BEFORE UPDATE OR DELETE ON standard_version"
    " FOR EACH ROW WHEN (old.state = 'approved') EXECUTE FUNCTION refuse_change()"
)
after_tables(
    "CREATE TRIGGER standard_version_no_truncate BEFORE TRUNCATE ON standard_version"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)
