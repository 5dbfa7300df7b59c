"""The outbox: what is still to be done. A row that was carried out is gone."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id


class OutboxRow(Base):
    """One job. Parked ones failed too often: an operator looks at `last_error` and sets them pending again."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'parked')", name="state"),
        Index("ix_outbox_due", "due_at", "id", postgresql_where=text("state = 'pending'")),
    )

    id: Mapped[Id]
    job: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[Literal["pending", "parked"]] = mapped_column(
        String, default="pending", server_default="pending"
    )
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[datetime] = mapped_column(server_default=func.app_now())
    request_id: Mapped[str | None]
    last_error: Mapped[str | None]
    created_at: Mapped[CreatedAt]
