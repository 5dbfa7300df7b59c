"""Who looked at which value of whom, and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Id
from backend.db.ddl import append_only


class Reveal(Base):
    """One value shown unmasked to one employee, in their role of then. The database refuses to alter or delete one."""

    __tablename__ = "reveal"
    __table_args__ = (
        CheckConstraint("field IN ('phone', 'name', 'identity')", name="field"),
        CheckConstraint("length(reason) >= 2", name="reason"),
        Index("ix_reveal_subject_id", "subject_id", "id"),
    )

    id: Mapped[Id]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    actor_role: Mapped[str]
    field: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]


append_only("reveal")
