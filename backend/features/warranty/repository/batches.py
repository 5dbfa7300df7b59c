"""Batches of defects in SQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text

from backend.db.work import Work
from backend.features.warranty.models import DefectBatch
from backend.features.warranty.rules import BatchState
from backend.platform.tree import Node

_NEW: Final = {
    "id": "uuid",
    "batch_id": "uuid",
    "home_id": "uuid",
    "component": "text",
    "description": "text",
    "ticket_id": "uuid",
    "added_by": "uuid",
}
_NAMES = ", ".join(_NEW)
_ARRAYS = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _NEW.items())
_ADD = text(
    f"INSERT INTO defect_line ({_NAMES}) SELECT {_NAMES} FROM unnest({_ARRAYS}) AS new ({_NAMES})"
    " ON CONFLICT (ticket_id, component) DO NOTHING"
)
_LINES = text(
    "SELECT l.id, l.home_id, l.component, l.description, l.ticket_id, l.corrected_at, h.building, h.unit, h.room"
    " FROM defect_line l JOIN home h ON h.id = l.home_id WHERE l.batch_id = :id ORDER BY l.id"
)
_CORRECT = text(
    "UPDATE defect_line SET corrected_at = :now, corrected_by = :by WHERE batch_id = :id AND corrected_at IS NULL"
    " AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY (CAST(:ids AS uuid[]))) RETURNING id"
)
_KNOWN = text("SELECT id FROM defect_line WHERE batch_id = :id AND id = ANY (CAST(:ids AS uuid[]))")
_REMOVE = text("DELETE FROM defect_line WHERE batch_id = :batch_id AND id = :id RETURNING id")
_HOMES = text("SELECT id FROM home WHERE project_id = :project_id AND id = ANY (CAST(:ids AS uuid[]))")
_COUNTS = text(
    "SELECT batch_id, count(*) AS defects, count(*) FILTER (WHERE corrected_at IS NULL) AS open FROM defect_line"
    " WHERE batch_id = ANY (CAST(:ids AS uuid[])) GROUP BY batch_id"
)
_WITHOUT_TIMER = text(
    "SELECT b.id, b.deadline FROM defect_batch b WHERE b.state IN ('sent', 'answered') AND b.late_told_at IS NULL"
    " AND NOT EXISTS (SELECT FROM timer t WHERE t.kind = :kind AND t.key = b.id::text"
    " AND t.state IN ('pending', 'parked')) ORDER BY b.id LIMIT 100"
)
_PROJECT = text("SELECT name FROM project WHERE node_id = :id")


async def page(
    work: Work,
    project_id: UUID,
    state: BatchState | None,
    overdue_on: date | None,
    before: UUID | None,
    limit: int,
) -> Sequence[DefectBatch]:
    """A project's batches, the last begun first; `overdue_on`: only those whose deadline has passed by that day."""
    found = select(DefectBatch).where(DefectBatch.project_id == project_id)
    if state is not None:
        found = found.where(DefectBatch.state == state)
    if overdue_on is not None:
        found = found.where(DefectBatch.state.in_(("sent", "answered")), DefectBatch.deadline < overdue_on)
    if before is not None:
        found = found.where(DefectBatch.id < before)
    return (await work.scalars(found.order_by(DefectBatch.id.desc()).limit(limit))).all()


async def within(
    work: Work, batch_id: UUID, scope: Sequence[UUID], *, lock: bool = False
) -> DefectBatch | None:
    """A batch whose project lies at or below a node of the scope."""
    wanted = (
        select(DefectBatch)
        .join(Node, Node.id == DefectBatch.project_id)
        .where(DefectBatch.id == batch_id, Node.path.overlap(scope))
        .execution_options(populate_existing=lock)
    )
    return await work.scalar(wanted.with_for_update(of=DefectBatch) if lock else wanted)


async def free(work: Work, ids: Sequence[UUID]) -> Sequence[DefectBatch]:
    """These batches, locked; without those that somebody else holds."""
    wanted = (
        select(DefectBatch)
        .where(DefectBatch.id.in_(ids))
        .order_by(DefectBatch.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return (await work.scalars(wanted)).all()


async def add_lines(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new defects; what a ticket has reported of a component stands in one batch only."""
    await work.execute(_ADD, {name: [row[name] for row in rows] for name in _NEW})


async def lines_of(work: Work, batch_id: UUID) -> Sequence[Any]:
    """The defects of a batch, in the order they were added."""
    return (await work.execute(_LINES, {"id": batch_id})).all()


async def unknown(work: Work, batch_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Those that are no defects of this batch."""
    return set(ids) - set(await work.scalars(_KNOWN, {"id": batch_id, "ids": list(ids)}))


async def correct(
    work: Work, batch_id: UUID, now: datetime, by: UUID, ids: Sequence[UUID] | None
) -> list[UUID]:
    """Write that these, or all, are put right; returns those that were open."""
    values = {"id": batch_id, "now": now, "by": by, "ids": list(ids) if ids is not None else None}
    return list(await work.scalars(_CORRECT, values))


async def remove(work: Work, batch_id: UUID, line_id: UUID) -> bool:
    """Take a defect out of a batch. False: there is none."""
    return await work.scalar(_REMOVE, {"batch_id": batch_id, "id": line_id}) is not None


async def foreign(work: Work, project_id: UUID, home_ids: Collection[UUID]) -> set[UUID]:
    """Those that are no homes of this project."""
    return set(home_ids) - set(await work.scalars(_HOMES, {"project_id": project_id, "ids": list(home_ids)}))


async def counts(work: Work, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """How many defects each of these batches has, and how many of them are open."""
    rows = await work.execute(_COUNTS, {"ids": list(ids)})
    return {row.batch_id: (row.defects, row.open) for row in rows}


async def without_timer(work: Work, kind: str) -> Sequence[Any]:
    """Batches that wait for their deadline without a timer."""
    return (await work.execute(_WITHOUT_TIMER, {"kind": kind})).all()


async def project_name(work: Work, project_id: UUID) -> str:
    """What a project is called."""
    name: str = (await work.execute(_PROJECT, {"id": project_id})).scalar_one()
    return name
