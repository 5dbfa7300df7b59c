"""Posts with their parts in SQL: writing, finding, listing them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as insert_or

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.progress.models import OpenDaySlot, Post, PostBuilding, PostName, PostPhoto
from backend.features.progress.repository.audience import ABOUT_ONE, HOMES, REACHED, SEE_POSTS
from backend.features.progress.rules import Content, State
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
_WITHOUT_TIMER = text(
    "SELECT p.id, p.publish_at FROM post p WHERE p.state = 'scheduled' AND NOT EXISTS (SELECT FROM timer t"
    " WHERE t.kind = :kind AND t.key = p.id::text AND t.state IN ('pending', 'parked')) ORDER BY p.id LIMIT 100"
)
_BUILDING_OF = text("SELECT h.building_id FROM ownership o JOIN home h ON h.id = o.home_id WHERE o.id = :id")
_PHOTOGRAPHED = """FROM post p JOIN post_photo ph ON ph.post_id = p.id JOIN file f ON f.id = ph.file_id
    WHERE p.project_id = :project_id AND p.state = 'published'"""
_SHOWN = f"""SELECT FROM {HOMES} WHERE m.account_id = :account_id AND m.ended_at IS NULL AND m.role = ANY (:roles)
    AND o.project_id = p.project_id AND {ABOUT_ONE} AND {REACHED}"""


async def find(work: Work, post_id: UUID, *, lock: bool = False) -> Post | None:
    """A post, perhaps locked."""
    return await work.get(Post, post_id, with_for_update=lock or None, populate_existing=lock)


async def add(work: Work, post: dict[str, Any]) -> bool:
    """Write a new post. False: there is one of this id, perhaps of this moment."""
    wanted = insert_or(Post).values(post).on_conflict_do_nothing(index_elements=["id"]).returning(Post.id)
    return await work.scalar(wanted) is not None


async def free(work: Work, post_id: UUID) -> Post | None:
    """A post, locked; None also when somebody else holds it."""
    return await work.get(Post, post_id, with_for_update={"skip_locked": True}, populate_existing=True)


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
    work: Work, project_id: UUID, state: State | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Post]:
    """The posts of a project, the last begun first."""
    wanted = (
        select(Post)
        .where(Post.project_id == project_id)
        .order_by(Post.created_at.desc(), Post.id.desc())
        .limit(limit)
    )
    if state is not None:
        wanted = wanted.where(Post.state == state)
    if after is not None:
        wanted = wanted.where(tuple_(Post.created_at, Post.id) < after)
    return (await work.scalars(wanted)).all()


async def series_seen(
    work: Work, project_id: UUID, account_id: UUID | None, after: str | None, limit: int
) -> Sequence[str]:
    """The names of viewpoints with photos in published posts; of those only that this account's homes are shown."""
    values: dict[str, Any] = {"project_id": project_id, "limit": limit, "after": after or ""}
    shown = ""
    if account_id is not None:
        shown = f" AND EXISTS ({_SHOWN})"
        values |= {"account_id": account_id, "roles": SEE_POSTS}
    found = text(
        f"SELECT DISTINCT ph.viewpoint {_PHOTOGRAPHED}{shown} AND ph.viewpoint > :after ORDER BY 1 LIMIT :limit"
    )
    return list(await work.scalars(found, values))


async def set_parts(work: Work, post_id: UUID, content: Content) -> None:
    """Write the buildings, photos, names and slots of a post that is not published, in place of those it had."""
    for part in (PostBuilding, PostPhoto, PostName, OpenDaySlot):
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
    if content.names:
        named = [
            {"post_id": post_id, "account_id": account_id, "place": place}
            for place, account_id in enumerate(content.names)
        ]
        await work.execute(insert(PostName), named)
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


async def building_of(work: Work, ownership_id: UUID) -> UUID | None:
    """The building in which the home of an ownership lies."""
    found: UUID | None = await work.scalar(_BUILDING_OF, {"id": ownership_id})
    return found


async def buildings_within(work: Work, project_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these are buildings of the project."""
    found = select(Node.id).where(Node.id.in_(ids), Node.parent_id == project_id, Node.kind == "building")
    return set(await work.scalars(found))


async def those(work: Work, ids: Sequence[UUID]) -> Sequence[Post]:
    """These posts, as far as there are any."""
    return (await work.scalars(select(Post).where(Post.id.in_(ids)))).all()


async def in_order(work: Work, ids: Sequence[UUID]) -> list[Post]:
    """These posts, which there are, in this order."""
    found = {post.id: post for post in await those(work, ids)}
    return [found[one] for one in ids]


async def without_timer(work: Work, kind: str) -> Sequence[Any]:
    """Scheduled posts that no timer of this kind will publish: id, publish_at. At most 100."""
    return (await work.execute(_WITHOUT_TIMER, {"kind": kind})).all()


async def progress_of(work: Work, project_id: UUID, month: date) -> Post | None:
    """A progress post of this month that is published and stands."""
    wanted = select(Post).where(
        Post.project_id == project_id,
        Post.kind == "progress",
        Post.state == "published",
        Post.month == month,
    )
    return await work.scalar(wanted.order_by(Post.published_at).limit(1))


async def project_name(work: Work, project_id: UUID) -> str:
    """What a project is called."""
    return (await work.scalars(select(Node.name).where(Node.id == project_id))).one()


async def viewpoints(
    work: Work, project_id: UUID, account_id: UUID | None, names: Sequence[str]
) -> Sequence[Any]:
    """The photos of these viewpoints in published posts, by viewpoint and the oldest first."""
    values: dict[str, Any] = {"project_id": project_id, "names": list(names)}
    shown = ""
    if account_id is not None:
        shown = f" AND EXISTS ({_SHOWN})"
        values |= {"account_id": account_id, "roles": SEE_POSTS}
    found = text(
        "SELECT ph.viewpoint, ph.file_id, ph.caption, p.id AS post_id, p.published_at, f.sizes"
        f" {_PHOTOGRAPHED}{shown} AND ph.viewpoint = ANY (:names)"
        " ORDER BY ph.viewpoint, p.published_at, p.id, ph.place"
    )
    return (await work.execute(found, values)).all()
