"""Calendars in SQL."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from backend.db.statement import Statement
from backend.db.work import Work
from backend.platform.calendar.models import CalendarHours, CalendarMove, CalendarOverride, CalendarVersion
from backend.platform.tree import Node

_DEPTH = func.cardinality(Node.path)
# Hours and overrides are written in bulk, past the session, which would go on showing what it has read before.
_AS_WRITTEN = {"populate_existing": True}
_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('calendar', 0))")
_FOUND = Statement(
    "SELECT (SELECT to_jsonb(h) FROM calendar_hours h JOIN node a ON a.id = h.node_id WHERE a.id = ANY (n.path)"
    " ORDER BY cardinality(a.path) DESC LIMIT 1) AS hours,"
    " (SELECT jsonb_agg(jsonb_build_array(o.day, o.shifts, o.name) ORDER BY cardinality(a.path), o.day)"
    " FROM calendar_override o JOIN node a ON a.id = o.node_id WHERE a.id = ANY (n.path)) AS overrides,"
    " (SELECT coalesce(max(v.number), 0) FROM calendar_version v WHERE v.node_id = ANY (n.path)) AS version,"
    " n.id AS node_id FROM node n WHERE n.id = ANY (CAST(:nodes AS uuid[]))"
)
_WITHOUT_HOURS = text(
    "SELECT p.id, p.name FROM node p WHERE p.kind = 'project' AND p.path && :scope AND (p.name, p.id) > (:name, :id)"
    " AND NOT EXISTS (SELECT 1 FROM calendar_hours h WHERE h.node_id = ANY (p.path))"
    " ORDER BY p.name, p.id LIMIT :limit"
)


async def take_turns(work: Work) -> None:
    """Wait for whoever publishes before us to commit."""
    await work.execute(_TURN)


async def last_number(work: Work) -> int:
    """The newest version's number; 0 before the first."""
    return await work.scalar(select(func.coalesce(func.max(CalendarVersion.number), 0))) or 0


async def number_at(work: Work, path: Sequence[UUID]) -> int:
    """The newest version that touches a node of this path; 0 when none does."""
    query = select(func.coalesce(func.max(CalendarVersion.number), 0))
    return await work.scalar(query.where(CalendarVersion.node_id.in_(path))) or 0


async def path_of(work: Work, node_id: UUID) -> list[UUID]:
    """A node's path, root first."""
    return (await work.scalars(select(Node.path).where(Node.id == node_id))).one()


async def nearest_hours(work: Work, path: Sequence[UUID]) -> CalendarHours | None:
    """The hours of the nearest node of a path that has any."""
    query = select(CalendarHours).join(Node, Node.id == CalendarHours.node_id)
    nearest = query.where(Node.id.in_(path)).order_by(_DEPTH.desc()).limit(1)
    return await work.scalar(nearest, execution_options=_AS_WRITTEN)


async def hours_of(work: Work, node_id: UUID) -> CalendarHours | None:
    """A node's own hours."""
    return await work.get(CalendarHours, node_id, populate_existing=True)


async def write_hours(work: Work, values: dict[str, Any]) -> None:
    """Set a node's own hours."""
    changed = {name: value for name, value in values.items() if name != "node_id"}
    await work.execute(
        insert(CalendarHours).values(values).on_conflict_do_update(index_elements=["node_id"], set_=changed)
    )


async def drop_hours(work: Work, node_id: UUID) -> None:
    """Take a node's own hours away."""
    await work.execute(delete(CalendarHours).where(CalendarHours.node_id == node_id))


async def found_at(work: Work, node_ids: Sequence[UUID]) -> Sequence[asyncpg.Record]:
    """What makes nodes' calendars, by one statement: `hours` of the nearest that has any, `overrides`, `version`.

    Overrides are `[day, shifts, name]`, the nearest node's last.
    """
    return await work.rows(_FOUND, {"nodes": list(node_ids)})


async def overrides_of(work: Work, node_id: UUID, days: Sequence[date]) -> dict[date, CalendarOverride]:
    """A node's own overrides of these days."""
    query = select(CalendarOverride).where(
        CalendarOverride.node_id == node_id, CalendarOverride.day.in_(days)
    )
    return {one.day: one for one in await work.scalars(query, execution_options=_AS_WRITTEN)}


async def write_overrides(work: Work, rows: Sequence[dict[str, Any]]) -> None:
    """Set these overrides."""
    if rows:
        given = insert(CalendarOverride)
        changed = {name: given.excluded[name] for name in ("shifts", "name", "version")}
        await work.execute(
            given.on_conflict_do_update(index_elements=["node_id", "day"], set_=changed), list(rows)
        )


async def drop_overrides(work: Work, node_id: UUID, days: Sequence[date]) -> None:
    """Take a node's overrides of these days away."""
    gone = delete(CalendarOverride).where(CalendarOverride.node_id == node_id, CalendarOverride.day.in_(days))
    await work.execute(gone.execution_options(synchronize_session=False))


async def version(work: Work, number: int) -> CalendarVersion | None:
    """A version by its number."""
    return await work.get(CalendarVersion, number)


async def moves(work: Work, number: int, after: UUID | None, limit: int) -> Sequence[CalendarMove]:
    """A page of the clocks that a version would move."""
    query = select(CalendarMove).where(CalendarMove.version == number)
    if after is not None:
        query = query.where(CalendarMove.clock_id > after)
    return (await work.scalars(query.order_by(CalendarMove.clock_id).limit(limit))).all()


async def count_moves(work: Work, number: int) -> int:
    """How many clocks a version would move."""
    query = select(func.count()).select_from(CalendarMove).where(CalendarMove.version == number)
    return await work.scalar(query) or 0


async def moves_to_revise(work: Work, number: int, subjects: Sequence[UUID] | None) -> Sequence[CalendarMove]:
    """The clocks of these subjects (None: of all) that a version would move and nobody has revised yet, locked."""
    query = select(CalendarMove).where(CalendarMove.version == number, CalendarMove.revised_at.is_(None))
    if subjects is not None:
        query = query.where(CalendarMove.subject_id.in_(subjects))
    return (await work.scalars(query.order_by(CalendarMove.clock_id).with_for_update())).all()


async def projects_without_hours(
    work: Work, scope: Sequence[UUID], after: tuple[str, UUID] | None, limit: int
) -> Sequence[Any]:
    """A page of the projects in a scope that have hours nowhere on their path, by name."""
    name, id_ = after or ("", UUID(int=0))
    values = {"scope": list(scope), "name": name, "id": id_, "limit": limit}
    return (await work.execute(_WITHOUT_HOURS, values)).all()
