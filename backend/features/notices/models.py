"""The development mailbox: what would have gone out to a phone."""

from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id


class MailboxMessage(Base):
    """A message that development mode keeps instead of sending."""

    __tablename__ = "mailbox_message"

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    address: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[CreatedAt]
