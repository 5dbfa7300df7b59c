"""Posts with their parts in SQL: writing, finding, listing them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, text

from backend.db.work import Work
from backend.features.progress.models import OpenDaySlot, Post, PostBuilding, PostPhoto
from backend.features.progress.rules import Content, State
from backend.core.ids import new_id
from backend.platform.tree import Node

_BUILDINGS = text(
    "SELECT b.post_id, b.building_id, n.name, b.percent FROM post_building b JOIN node n ON n.id = b.building_id"
    " WHERE b.post_id = ANY (:ids) ORDER BY n.name, n.id"
)
_PHOTOS = text(
    "SELECT p.post_id, p.file_id, p.viewpoint, p.caption, f.sizes FROM post_photo p JOIN file f ON f.id = p.file_id"
    " WHERE p.post_id = ANY (:ids) ORDER BY p.place"
)
_SLOTS = text(
    "SELECT id, post_id, place, starts_at, ends_at, capacity, booked FROM open_day_slot WHERE post_id = ANY (:ids)"
    " ORDER BY starts_at, place, id"
)
_CORRECTIONS = text(
    "SELECT corrects_id, id FROM post WHERE corrects_id = ANY (:ids) AND state = 'published' ORDER BY published_at, id"
)
_SERIES = """SELECT ph.viewpoint, ph.file_id, ph.caption, p.id AS post_id, p.published_at, f.sizes
    FROM post p JOIN post_photo ph ON ph.post_id = p.id JOIN file f ON f.id = ph.file_id
    WHERE p.project_id = :project_id AND p.state = 'published' AND ph.viewpoint IS NOT NULL"""


async def find(work: Work, post_id: UUID, *, lock: bool = False) -> Post | None:
    """A post, perhaps locked."""
    return await work.get(Post, post_id, with_for_update=lock or None, populate_existing=lock)


async def within(work: Work, post_id: UUID, scope: Sequence[UUID], *, lock: bool = False) -> Post | None:
    """A post whose project lies at or below a node of the scope."""
    wanted = (
        select(Post)
        .join(Node, Node.id == Post.project_id)
        .where(Post.id == post_id, Node.path.overlap(scope))
        .execution_options(populate_existing=lock)
    )
    return await work.scalar(wanted.with_for_update(of=Post) if lock else wanted)


async def page(
    work: Work, project_id: UUID, state: State | None, after: UUID | None, limit: int
) -> Sequence[Post]:
    """The posts of a project, the newest first."""
    wanted = select(Post).where(Post.project_id == project_id).order_by(Post.id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(Post.state == state)
    if after is not None:
        wanted = wanted.where(Post.id < after)
    return (await work.scalars(wanted)).all()


async def set_parts(work: Work, post_id: UUID, content: Content) -> None:
    """Write the buildings, photos and slots of a post that is not published, in place of those it had."""
    for part in (PostBuilding, PostPhoto, OpenDaySlot):
        await work.execute(delete(part).where(part.post_id == post_id))
    if content.buildings:
        rows = [
            {"post_id": post_id, "building_id": one.building_id, "percent": one.percent}
            for one in content.buildings
        ]
        await work.execute(insert(PostBuilding), rows)
    if content.photos:
        shown = [
            {
                "post_id": post_id,
                "file_id": one.file_id,
                "place": place,
                "viewpoint": one.viewpoint,
                "caption": one.caption,
            }
            for place, one in enumerate(content.photos)
        ]
        await work.execute(insert(PostPhoto), shown)
    if content.slots:
        slots = [
            {
                "id": new_id(),
                "post_id": post_id,
                "place": one.place,
                "starts_at": one.starts_at,
                "ends_at": one.ends_at,
                "capacity": one.capacity,
            }
            for one in content.slots
        ]
        await work.execute(insert(OpenDaySlot), slots)


async def buildings_of(work: Work, ids: Sequence[UUID]) -> Sequence[Any]:
    """post_id, building_id, name, percent."""
    return (await work.execute(_BUILDINGS, {"ids": list(ids)})).all()


async def photos_of(work: Work, ids: Sequence[UUID]) -> Sequence[Any]:
    """post_id, file_id, viewpoint, caption, sizes; in their order."""
    return (await work.execute(_PHOTOS, {"ids": list(ids)})).all()


async def slots_of(work: Work, ids: Sequence[UUID]) -> Sequence[Any]:
    """The places and times of open days, the first first."""
    return (await work.execute(_SLOTS, {"ids": list(ids)})).all()


async def corrections_of(work: Work, ids: Sequence[UUID]) -> Sequence[Any]:
    """corrects_id, id: the published posts that put these right."""
    return (await work.execute(_CORRECTIONS, {"ids": list(ids)})).all()


async def buildings_within(work: Work, project_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these are buildings of the project."""
    found = select(Node.id).where(Node.id.in_(ids), Node.parent_id == project_id, Node.kind == "building")
    return set(await work.scalars(found))


async def published_progress(work: Work, project_id: UUID, since: datetime) -> Sequence[Post]:
    """The progress posts of a project that were published since then and stand, the oldest first."""
    wanted = select(Post).where(
        Post.project_id == project_id,
        Post.kind == "progress",
        Post.state == "published",
        Post.published_at >= since,
    )
    return (await work.scalars(wanted.order_by(Post.published_at))).all()


async def viewpoints(work: Work, project_id: UUID, names: Sequence[str]) -> Sequence[Any]:
    """The photos of these viewpoints in published posts, by viewpoint and the oldest first."""
    found = text(f"{_SERIES} AND ph.viewpoint = ANY (:names) ORDER BY ph.viewpoint, p.published_at, p.id")
    return (await work.execute(found, {"project_id": project_id, "names": list(names)})).all()
