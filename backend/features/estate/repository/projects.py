"""Projects in SQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.estate.models import Project

# Whoever works in one building of a project may know the project.
_SEEN = (
    "(n.path && :scope OR EXISTS"
    " (SELECT 1 FROM node b WHERE b.parent_id = n.id AND b.kind = 'building' AND b.path && :scope))"
)
_COLUMNS = (
    "p.node_id AS id, p.name, r.name AS region, p.phase, p.address, p.service_centre, p.hotline, p.service_hours,"
    " p.sales_open_on, p.first_delivery_on, p.mass_move_in_on,"
    " p.mass_move_in_ends_on, p.version"
)
_FROM = "FROM project p JOIN node n ON n.id = p.node_id JOIN node r ON r.id = p.region_id"

_PAGE = text(
    f"SELECT {_COLUMNS} {_FROM} WHERE {_SEEN} AND (p.name, p.node_id) > (:name, :id)"
    " ORDER BY p.name, p.node_id LIMIT :limit"
)
_ONE = text(f"SELECT {_COLUMNS}, n.path && :scope AS whole {_FROM} WHERE {_SEEN} AND p.node_id = :id")
_BUILDINGS = text("SELECT id FROM node WHERE parent_id = :id AND kind = 'building' AND path && :scope")

_LOWEST = UUID(int=0)


async def projects_seen(
    work: Work, scope: Sequence[UUID], after: tuple[str, UUID] | None, limit: int
) -> Sequence[Any]:
    """A page of the projects in or around `scope`, by name."""
    name, id_ = after or ("", _LOWEST)
    return (await work.execute(_PAGE, {"scope": list(scope), "name": name, "id": id_, "limit": limit})).all()


async def project_seen(work: Work, scope: Sequence[UUID], project_id: UUID) -> Any | None:
    """One of them; `whole` says whether all of it lies in `scope`."""
    return (await work.execute(_ONE, {"scope": list(scope), "id": project_id})).one_or_none()


async def buildings_seen(work: Work, scope: Sequence[UUID], project_id: UUID) -> list[UUID]:
    """The project's buildings in `scope`."""
    return list(await work.scalars(_BUILDINGS, {"scope": list(scope), "id": project_id}))


async def project_to_edit(work: Work, project_id: UUID) -> Project:
    """The project's row, locked."""
    return await work.get_one(Project, project_id, with_for_update=True)
