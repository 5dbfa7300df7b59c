"""The declarative base: constraint names that migrations can rely on, and the column types everybody uses."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Text, func
from sqlalchemy.orm import DeclarativeBase, mapped_column

from backend.core.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table's base. Strings are `text`, times `timestamptz`."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: DateTime(timezone=True), str: Text()}


Id = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
"""Primary key, UUID v7."""

CreatedAt = Annotated[datetime, mapped_column(server_default=func.app_now())]
"""When the row was written, by the database's clock and the system's shift (`platform/shift`)."""
