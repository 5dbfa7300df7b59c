"""Reading what the audit found."""

from dataclasses import dataclass

from sqlalchemy import select, text

from backend.db.work import Work
from backend.platform.audit.models import AuditReport

_LAST = text(
    "SELECT found, extract(epoch FROM clock_timestamp() - at) AS age FROM audit_report ORDER BY at DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many faults the audit found when it last looked, and how many seconds ago that was; NaN when it never has."""

    faults: float
    age: float


async def standing(work: Work) -> Standing:
    """The last report, for the metrics."""
    row = (await work.execute(_LAST)).one_or_none()
    return Standing(float("nan"), float("nan")) if row is None else Standing(row.found, float(row.age))


async def last_report(work: Work) -> AuditReport | None:
    """The last report, for operators."""
    return (await work.scalars(select(AuditReport).order_by(AuditReport.at.desc()).limit(1))).one_or_none()
