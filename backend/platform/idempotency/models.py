"""The answers we have given, sealed, because some hold what only their caller may see."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt


class IdempotencyKey(Base):
    """One key of one account. Without an answer, its request is still under way."""

    __tablename__ = "idempotency_key"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int | None]
    body: Mapped[bytes | None]
    created_at: Mapped[CreatedAt]
