"""One row: how far ahead of the database's clock the system stands."""

from datetime import timedelta

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base
from backend.db.ddl import before_tables


class ClockShift(Base):
    """The single row that `app_now()` adds to the database's clock."""

    __tablename__ = "clock_shift"
    __table_args__ = (
        CheckConstraint("only_row", name="only_row"),
        CheckConstraint("shift >= '0'::interval", name="forward"),
    )

    only_row: Mapped[bool] = mapped_column(primary_key=True, default=True)
    shift: Mapped[timedelta]


# The system's present moment in SQL: the transaction's, plus the shift. Column defaults use it.
before_tables(
    """CREATE FUNCTION app_now() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN now() + coalesce((SELECT shift FROM clock_shift), '0');
END $$"""
)
