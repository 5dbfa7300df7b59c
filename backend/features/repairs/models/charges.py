"""Price lists in versions; quotes with the owner's consent; what a repair costs, and who bears it. Money is in fen."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base
from backend.db.ddl import append_only


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class PriceList(Base):
    """The prices of a project's paid work as somebody published them; the highest number stands (CT-36)."""

    __tablename__ = "price_list"
    __table_args__ = (CheckConstraint("number > 0", name="number"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str]
    published_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime]


class PriceItem(Base):
    """A price of a list: so many fen for one `unit` of what `code` names."""

    __tablename__ = "price_item"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "number"], ["price_list.project_id", "price_list.number"]),
        CheckConstraint("price_fen >= 0", name="price_fen"),
        Index("uq_price_item_place", "project_id", "number", "place", unique=True),
    )

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str]
    unit: Mapped[str]
    price_fen: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str | None]


append_only("price_list")
append_only("price_item")
