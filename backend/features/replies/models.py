"""The one table of canned replies."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.locale import Locale
from backend.db.base import Base, CreatedAt, Id


class CannedReply(Base):
    """An agreed wording at a node: a project's own, or the company's for every project that has none of that code.

    `texts` holds a text a language, Simplified Chinese always. What is withdrawn stays on record.
    """

    __tablename__ = "canned_reply"
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z0-9][a-z0-9-]{0,39}$'", name="code"),
        CheckConstraint("jsonb_typeof(texts -> 'zh-CN') = 'string'", name="texts"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawal_whole"),
        Index(
            "uq_canned_reply_node_id_code",
            "node_id",
            "code",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    code: Mapped[str]
    title: Mapped[str]
    texts: Mapped[dict[Locale, str]] = mapped_column(JSONB)
    written_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    written_at: Mapped[CreatedAt]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
