"""Files, the pieces that an unfinished one has arrived in, and who shows one. The bytes lie in the store."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.features.files.rules import KINDS, Kind, Size

State = Literal["receiving", "processing", "ready", "refused", "removed"]


class File(Base):
    """Something handed in by an account, to be said as a line of its kind.

    `length` is what was announced, in bytes, `received` what has arrived and survives a power cut. `media_type` is
    the client's word, `format` what it stands for. `sizes`: of a photo, by name, width, height and bytes. Which lines
    name it is written in the lines alone (`ix_entry_file`); what else shows it, in `FileUse`.
    """

    __tablename__ = "file"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name="kind"),
        CheckConstraint("state IN ('receiving', 'processing', 'ready', 'refused', 'removed')", name="state"),
        CheckConstraint("length > 0 AND received BETWEEN 0 AND length", name="received"),
        CheckConstraint("state IN ('receiving', 'removed') OR received = length", name="whole"),
        CheckConstraint("(state = 'refused') = (code IS NOT NULL)", name="code"),
        CheckConstraint("length(sha256) = 32", name="sha256"),
        CheckConstraint("(state = 'ready') <= (finished_at IS NOT NULL)", name="finished"),
        Index("ix_file_account_id_created_at", "account_id", "created_at"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[Kind] = mapped_column(String)
    name: Mapped[str]
    media_type: Mapped[str]
    format: Mapped[str]
    length: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes | None]
    received: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    state: Mapped[State] = mapped_column(String, default="receiving", server_default="receiving")
    code: Mapped[str | None]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    sizes: Mapped[dict[Size, dict[str, int]]] = mapped_column(JSONB, default=dict, server_default="{}")
    expires_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class FilePiece(Base):
    """Bytes of an upload from `at` on, and the key they lie under until the file is whole."""

    __tablename__ = "file_piece"
    __table_args__ = (CheckConstraint("at >= 0 AND length > 0", name="place"),)

    file_id: Mapped[UUID] = mapped_column(ForeignKey("file.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    length: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str]


class FileUse(Base):
    """A subject that shows a file without a line: it decides who sees it. Used, a file is kept."""

    __tablename__ = "file_use"
    __table_args__ = (Index("ix_file_use_subject", "subject_kind", "subject_id"),)

    file_id: Mapped[UUID] = mapped_column(ForeignKey("file.id"), primary_key=True)
    subject_kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
