"""What threads are measured beside: the same lines by raw SQL without any protection, and the way of the ORM.

`python -m bench.thread_peers NAME --port N` with the settings of ours in the environment. Both answer `/THREAD` with
the last lines of a thread as an owner is shown them, `raw` also `/mine/ACCOUNT` with the owner's threads; nobody signs
in, nothing is tagged.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import aliased
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from backend.core.config import Settings
from backend.db.url import asyncpg_arguments
from backend.platform.threads.models import Entry
from bench.harness import serve_peer

_CONNECTIONS = 10
_LIMIT = 50
_COLUMNS = "e.seq, e.kind, e.author_id, e.body, e.at, e.audience, e.cid, e.hides, e.erased_at"
_SHOWN = """e.audience = 'all'
    AND NOT EXISTS (SELECT FROM entry w WHERE w.thread_id = e.thread_id AND w.hides = e.seq)"""
_LINES = (
    f"SELECT {_COLUMNS} FROM entry e WHERE e.thread_id = $1 AND {_SHOWN} ORDER BY e.seq DESC LIMIT {_LIMIT}"  # noqa: S608 - names of this module
)
_MINE = f"""
SELECT t.id, t.subject_kind, t.subject_id, t.open_head, coalesce(r.read_seq, 0) AS read, (
    SELECT count(*) FROM entry e WHERE e.thread_id = t.id AND e.seq > coalesce(r.read_seq, 0) AND {_SHOWN}
        AND e.author_id IS DISTINCT FROM $1
) AS unread, last.*
FROM household_member m
JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
JOIN journey j ON j.ownership_id = o.id OR (j.project_id = o.project_id AND j.ownership_id IS NULL)
JOIN thread t ON t.id = j.thread_id
LEFT JOIN thread_member r ON r.thread_id = t.id AND r.account_id = $1
CROSS JOIN LATERAL (
    SELECT {_COLUMNS} FROM entry e WHERE e.thread_id = t.id AND {_SHOWN} ORDER BY e.seq DESC LIMIT 1
) last
WHERE m.account_id = $1 AND m.ended_at IS NULL
ORDER BY t.open_at DESC LIMIT {_LIMIT}
"""  # noqa: S608 - names of this module


class _Kept(asyncpg.Connection):
    """The pool's reset on release, switched off."""

    async def reset(self, *, timeout: float | None = None) -> None: ...  # noqa: ASYNC109 - asyncpg's signature


def _entry(row: Any) -> dict[str, Any]:
    return {
        "seq": row["seq"],
        "kind": row["kind"],
        "author": row["author_id"],
        "body": orjson.Fragment(row["body"]),
        "at": row["at"],
        "audience": row["audience"],
        "cid": row["cid"],
        "hides": row["hides"],
        "erased": row["erased_at"] is not None,
    }


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content, default=str), media_type="application/json")


def raw(settings: Settings) -> ASGIApp:
    """Starlette, asyncpg and orjson."""
    pool: Any = None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        async with asyncpg.create_pool(
            **asyncpg_arguments(settings.database_url),
            min_size=_CONNECTIONS,
            max_size=_CONNECTIONS,
            connection_class=_Kept,
        ) as pool:
            yield

    async def lines(request: Request) -> Response:
        async with pool.acquire() as connection:
            rows = await connection.fetch(_LINES, UUID(request.path_params["id"]))
        return _json({"items": [_entry(row) for row in rows], "next": None})

    async def mine(request: Request) -> Response:
        async with pool.acquire() as connection:
            rows = await connection.fetch(_MINE, UUID(request.path_params["id"]))
        items = [
            {
                "id": row["id"],
                "subject": row["subject_kind"],
                "subject_id": row["subject_id"],
                "head": row["open_head"],
                "read": row["read"],
                "unread": row["unread"],
                "last": _entry(row),
            }
            for row in rows
        ]
        return _json({"items": items, "next": None})

    return Starlette(routes=[Route("/mine/{id}", mine), Route("/{id}", lines)], lifespan=lifespan)


class _Line(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    seq: int
    kind: str
    author_id: UUID | None
    body: dict[str, Any]
    at: datetime
    audience: str
    cid: str | None
    hides: int | None
    erased_at: datetime | None


class _Lines(BaseModel):
    items: list[_Line]
    next: int | None = None


def orm(settings: Settings) -> ASGIApp:
    """FastAPI with a session for each request and a `response_model`."""
    engine = create_async_engine(settings.database_url, pool_size=_CONNECTIONS, max_overflow=0)
    app = FastAPI()

    async def session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine, expire_on_commit=False) as opened:
            yield opened

    @app.get("/{thread_id}", response_model=_Lines)
    async def lines(thread_id: UUID, work: Annotated[AsyncSession, Depends(session)]) -> Any:
        taken = aliased(Entry)
        hidden = select(taken).where(taken.thread_id == Entry.thread_id, taken.hides == Entry.seq).exists()
        found = await work.scalars(
            select(Entry)
            .where(Entry.thread_id == thread_id, Entry.audience == "all", ~hidden)
            .order_by(Entry.seq.desc())
            .limit(_LIMIT)
        )
        return {"items": list(found)}

    return app


PEERS: dict[str, Callable[[Settings], ASGIApp]] = {"raw": raw, "orm": orm}

if __name__ == "__main__":
    serve_peer(PEERS)
