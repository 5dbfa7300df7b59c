"""Works contracts in SQL."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from backend.db.work import Work
from backend.features.warranty.models import WorksContract
from backend.features.warranty.rules import Stage
from backend.platform.tree import Node

_OPEN = text(
    "SELECT b.unit, count(*) AS defects FROM defect_batch b JOIN defect_line l ON l.batch_id = b.id"
    " WHERE b.project_id = :project_id AND b.unit = ANY (CAST(:units AS text[]))"
    " AND b.state IN ('sent', 'answered') AND l.corrected_at IS NULL GROUP BY b.unit"
)


async def page(
    work: Work,
    project_id: UUID,
    stage: Stage | None,
    ends_before: date | None,
    after: tuple[date | None, UUID] | None,
    limit: int,
) -> Sequence[WorksContract]:
    """A project's contracts, what ends first coming first; what has no end stands last."""
    found = select(WorksContract).where(WorksContract.project_id == project_id)
    if stage is not None:
        found = found.where(WorksContract.stage == stage)
    if ends_before is not None:
        found = found.where(WorksContract.ends_on < ends_before)
    if after is not None:
        day, last = after
        if day is None:
            found = found.where(WorksContract.ends_on.is_(None), WorksContract.id > last)
        else:
            found = found.where(
                (WorksContract.ends_on > day)
                | ((WorksContract.ends_on == day) & (WorksContract.id > last))
                | WorksContract.ends_on.is_(None)
            )
    ordered = found.order_by(WorksContract.ends_on.asc().nulls_last(), WorksContract.id).limit(limit)
    return (await work.scalars(ordered)).all()


async def within(work: Work, contract_id: UUID, scope: Sequence[UUID]) -> WorksContract | None:
    """A contract whose project lies at or below a node of the scope, locked."""
    wanted = (
        select(WorksContract)
        .join(Node, Node.id == WorksContract.project_id)
        .where(WorksContract.id == contract_id, Node.path.overlap(scope))
    )
    return await work.scalar(wanted.with_for_update(of=WorksContract))


async def open_defects(work: Work, project_id: UUID, units: Sequence[str]) -> dict[str, int]:
    """How many defects these companies have been sent in a project and not put right."""
    rows: Sequence[Any] = (await work.execute(_OPEN, {"project_id": project_id, "units": list(units)})).all()
    return {row.unit: row.defects for row in rows}
