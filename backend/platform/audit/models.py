"""What the audit found, each time it looked."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from backend.db.base import Base, Id


class AuditReport(Base):
    """One look: which checks were made, how many faults they found, and the first of them.

    Its time is the database's raw clock.
    """

    __tablename__ = "audit_report"
    __table_args__ = (
        CheckConstraint("jsonb_typeof(faults) = 'array'", name="faults"),
        Index("ix_audit_report_at", "at"),
    )

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    checks: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    found: Mapped[int]
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
