"""Who looked at which value of whom, and why; who consented to what, and when they thought better of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Id
from backend.db.ddl import after_tables, append_only
from backend.features.privacy.rules import USES, Use


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


class ConsentLine(Base):
    """Somebody gave their consent to one use, or withdrew it; `by_id` is who said so.

    The last `number` of an account and use is what holds; the clocks of two servers do not decide it. The database
    refuses to alter or delete one.
    """

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(f"use IN ({', '.join(repr(use) for use in USES)})", name="use"),
        CheckConstraint("number > 0", name="number"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    use: Mapped[Use] = mapped_column(String, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    given: Mapped[bool]
    at: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))


append_only("consent")
after_tables(
    "CREATE VIEW consent_now AS SELECT DISTINCT ON (account_id, use) account_id, use, number, given, at, by_id"
    " FROM consent ORDER BY account_id, use, number DESC"
)
