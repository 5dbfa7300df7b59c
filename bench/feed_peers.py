"""What the feed is measured beside: the same posts by raw SQL without any protection, and the way of the ORM.

`python -m bench.feed_peers NAME --port N` with the settings of ours in the environment. Both answer
`/ACCOUNT/OWNERSHIP` with what ours says; nobody signs in, nothing is tagged, links are bare addresses.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from backend.core.config import Settings
from backend.core.wire import Page
from backend.db.url import asyncpg_arguments
from backend.features.estate.models import Home, Ownership
from backend.features.files.models import File
from backend.features.people.models import HouseholdMember
from backend.features.progress import schemas
from backend.features.progress.models import Post, PostBuilding, PostPhoto, PostReceipt
from backend.platform.tree.models import Node
from bench.harness import serve_peer

_CONNECTIONS = 10
_LIMIT = 20
_FACTS = ("id", "kind", "state", "title", "text", "stage", "milestone", "month", "everywhere", "must_confirm")

# The same rows along the same indexes, in one statement.
_FEED = f"""
SELECT p.project_id, p.corrects_id, p.published_at, {", ".join(f"p.{name}" for name in _FACTS)},
    r.read_at, r.confirmed_at,
    (SELECT array_agg(c.id) FROM post c WHERE c.corrects_id = p.id AND c.state = 'published') AS corrected_by,
    (SELECT array_agg(ROW(b.building_id, n.name, b.percent) ORDER BY n.name) FROM post_building b
        JOIN node n ON n.id = b.building_id WHERE b.post_id = p.id) AS buildings,
    (SELECT array_agg(ROW(ph.file_id, ph.viewpoint, ph.caption, f.sizes) ORDER BY ph.place) FROM post_photo ph
        JOIN file f ON f.id = ph.file_id WHERE ph.post_id = p.id) AS photos
FROM household_member m
JOIN ownership o ON o.id = m.ownership_id
JOIN home h ON h.id = o.home_id
JOIN post p ON p.project_id = o.project_id AND p.state = 'published'
LEFT JOIN post_receipt r ON r.post_id = p.id AND r.account_id = m.account_id
WHERE m.ownership_id = $1 AND m.account_id = $2 AND m.ended_at IS NULL AND (p.everywhere OR EXISTS (
    SELECT FROM post_building b WHERE b.post_id = p.id AND b.building_id = h.building_id))
ORDER BY p.published_at DESC, p.id DESC LIMIT {_LIMIT}
"""  # noqa: S608 - names of this module


class Kept(asyncpg.Connection):
    """The pool's reset on release, switched off."""

    async def reset(self, *, timeout: float | None = None) -> None: ...  # noqa: ASYNC109 - asyncpg's signature


def _photo(file_id: Any, viewpoint: str | None, caption: str | None, sizes: Any) -> dict[str, Any]:
    return {
        "file": file_id,
        "viewpoint": viewpoint,
        "caption": caption,
        "sizes": {
            name: {
                "width": one["width"],
                "height": one["height"],
                # As long as ours.
                "link": f"/v1/media/{file_id}/{name}?session={file_id}&until=1800000000&signature={file_id}{'x' * 12}",
            }
            for name, one in sizes.items()
        },
    }


def _post(facts: dict[str, Any], one: Any, buildings: list[Any], photos: list[Any]) -> dict[str, Any]:
    return {
        **facts,
        "project": one["project_id"],
        "buildings": [dict(zip(("building", "name", "percent"), row, strict=True)) for row in buildings],
        "photos": photos,
        "slots": [],
        "corrects": one["corrects_id"],
        "corrected_by": one["corrected_by"] or [],
        "published_at": one["published_at"],
        "read_at": one["read_at"],
        "confirmed_at": one["confirmed_at"],
        "booking": None,
        "desk": None,
    }


def raw(settings: Settings) -> ASGIApp:
    """Starlette, asyncpg and orjson, with the pool's reset switched off."""
    pool: Any = None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        async with asyncpg.create_pool(
            **asyncpg_arguments(settings.database_url),
            min_size=_CONNECTIONS,
            max_size=_CONNECTIONS,
            connection_class=Kept,
        ) as pool:
            yield

    async def answer(request: Request) -> Response:
        async with pool.acquire() as connection:
            rows = await connection.fetch(
                _FEED, UUID(request.path_params["ownership"]), UUID(request.path_params["account"])
            )
        items = [
            _post(
                {name: row[name] for name in _FACTS},
                row,
                row["buildings"] or [],
                [_photo(one[0], one[1], one[2], orjson.loads(one[3])) for one in row["photos"]],
            )
            for row in rows
        ]
        return Response(
            orjson.dumps({"items": items, "next": None}, default=str), media_type="application/json"
        )

    return Starlette(routes=[Route("/{account}/{ownership}", answer)], lifespan=lifespan)


def orm(settings: Settings) -> ASGIApp:
    """FastAPI, the ORM and a response model."""
    engine = create_async_engine(
        settings.database_url, pool_size=_CONNECTIONS, max_overflow=0, pool_reset_on_return=None
    )
    app = FastAPI()

    async def session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as opened:
            yield opened

    @app.get("/{account}/{ownership}", response_model=Page[schemas.Post])
    async def answer(
        account: UUID, ownership: UUID, session: Annotated[AsyncSession, Depends(session)]
    ) -> Any:
        [(owned, home)] = await session.execute(
            select(Ownership, Home)
            .join(Home, Home.id == Ownership.home_id)
            .join(HouseholdMember, HouseholdMember.ownership_id == Ownership.id)
            .where(Ownership.id == ownership, HouseholdMember.account_id == account)
        )
        about = select(PostBuilding.post_id).where(PostBuilding.building_id == home.building_id)
        found = list(
            await session.scalars(
                select(Post)
                .where(Post.project_id == owned.project_id, Post.state == "published")
                .where(Post.everywhere | Post.id.in_(about))
                .order_by(Post.published_at.desc(), Post.id.desc())
                .limit(_LIMIT)
            )
        )
        ids = [post.id for post in found]
        photos = await session.execute(
            select(PostPhoto, File)
            .join(File, File.id == PostPhoto.file_id)
            .where(PostPhoto.post_id.in_(ids))
            .order_by(PostPhoto.place)
        )
        shown: dict[UUID, list[Any]] = {one: [] for one in ids}
        for photo, file in photos:
            shown[photo.post_id].append(_photo(file.id, photo.viewpoint, photo.caption, file.sizes))
        named: dict[UUID, list[Any]] = {one: [] for one in ids}
        for stands, name in await session.execute(
            select(PostBuilding, Node.name)
            .join(Node, Node.id == PostBuilding.building_id)
            .where(PostBuilding.post_id.in_(ids))
        ):
            named[stands.post_id].append((stands.building_id, name, stands.percent))
        corrections: dict[Any, list[UUID]] = {}
        for post in await session.scalars(select(Post).where(Post.corrects_id.in_(ids))):
            corrections.setdefault(post.corrects_id, []).append(post.id)
        mine = await session.scalars(
            select(PostReceipt).where(PostReceipt.account_id == account, PostReceipt.post_id.in_(ids))
        )
        receipts = {one.post_id: one for one in mine}
        items = []
        for post in found:
            receipt = receipts.get(post.id)
            own = {
                "project_id": post.project_id,
                "corrects_id": post.corrects_id,
                "published_at": post.published_at,
                "corrected_by": corrections.get(post.id),
                "read_at": receipt and receipt.read_at,
                "confirmed_at": receipt and receipt.confirmed_at,
            }
            facts = {name: getattr(post, name) for name in _FACTS}
            items.append(_post(facts, own, named[post.id], shown[post.id]))
        return {"items": items, "next": None}

    return app


PEERS: dict[str, Callable[[Settings], ASGIApp]] = {"raw": raw, "orm": orm}


if __name__ == "__main__":
    serve_peer(PEERS)
