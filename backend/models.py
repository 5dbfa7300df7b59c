"""Every table: Alembic's target, and the schema the migrations are compared with."""

from backend.db.base import Base

metadata = Base.metadata

__all__ = ["metadata"]
