"""Moves of dates in SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, select

from backend.db.work import Work
from backend.features.journey.models import DateMove
from backend.platform.tree import Node


async def is_building_of(work: Work, building_id: UUID, project_id: UUID) -> bool:
    """Whether this is a building of the project."""
    query = select(
        exists().where(Node.id == building_id, Node.parent_id == project_id, Node.kind == "building")
    )
    return bool(await work.scalar(query))


async def move_seen(work: Work, move_id: UUID, scope: Sequence[UUID]) -> DateMove | None:
    """A move in a project at or below `scope`."""
    query = (
        select(DateMove)
        .join(Node, Node.id == DateMove.project_id)
        .where(DateMove.id == move_id, Node.path.overlap(list(scope)))
    )
    return (await work.scalars(query)).one_or_none()


async def move_to_go_on(work: Work, move_id: UUID) -> DateMove:
    """A move that there is, locked."""
    return await work.get_one(DateMove, move_id, with_for_update=True)
