"""From whom the visits about a subject are kept."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt
from backend.db.ddl import append_only


class VisitHidden(Base):
    """Somebody who sees no visit about a subject, whenever it was made: the subject is about them.

    Others who cannot make it, for they handled the matter, see it (`Visit.barred`). The database refuses to alter one.
    """

    __tablename__ = "visit_hidden"
    __table_args__ = (CheckConstraint("subject_kind IN ('ticket', 'case')", name="subject_kind"),)

    subject_kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    at: Mapped[CreatedAt]


append_only("visit_hidden")
