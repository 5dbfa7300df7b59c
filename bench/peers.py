"""What ours is measured beside: a constant answer, raw SQL without any protection, and the way of the ORM.

`python -m bench.peers NAME --port N` with the settings of ours in the environment.
"""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from backend.core.config import Settings
from backend.db.url import asyncpg_arguments
from backend.features.estate.models import Home, Ownership, Project
from backend.features.people.models import HouseholdMember
from bench.harness import serve_peer

_CONNECTIONS = 10
_DATES = ("subscribed_on", "signed_on", "delivery_due_on", "delivered_on", "keys_on", "moved_in_on")
_HOME = ("id", "building", "unit", "room", "layout", "area", "fitout")
_FACTS = ("phase", "address", "service_centre", "hotline", "service_hours")

# The rows of `GET /v1/me/homes`, with the joins they need.
_SAME = f"""
SELECT h.id::text, o.id::text AS ownership_id, m.role, h.building, h.unit, h.room, h.layout, h.area, h.fitout,
    o.contract_no, p.node_id::text AS project_id, p.name AS project,
    {", ".join(f"p.{name}" for name in _FACTS)},
    {", ".join(f"o.{name}" for name in _DATES)}
FROM household_member m
JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
JOIN home h ON h.id = o.home_id
JOIN project p ON p.node_id = h.project_id
WHERE m.account_id = $1 AND m.ended_at IS NULL
ORDER BY p.name, h.sort_key, h.id
"""  # noqa: S608 - names of this module
# Twenty rows of one table along one index, 2 KB of JSON.
_FLAT = "SELECT id::text, building, unit, room, layout FROM home WHERE project_id = $1 ORDER BY sort_key, id LIMIT 20"
_SIGNED_IN = """
SELECT s.account_id, s.expires_at FROM session s JOIN account a ON a.id = s.account_id
WHERE s.token_digest = $1 AND s.revoked_at IS NULL AND a.disabled_at IS NULL
"""


class _Kept(asyncpg.Connection):
    """The pool's reset on release, switched off."""

    async def reset(self, *, timeout: float | None = None) -> None: ...  # noqa: ASYNC109 - asyncpg's signature


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


def _same(row: asyncpg.Record) -> dict[str, Any]:
    return {
        "id": row["id"],
        "ownership_id": row["ownership_id"],
        "role": row["role"],
        "building": row["building"],
        "unit": row["unit"],
        "room": row["room"],
        "layout": row["layout"],
        "area": float(row["area"]),
        "fitout": row["fitout"],
        "project": {"id": row["project_id"], "name": row["project"], **{name: row[name] for name in _FACTS}},
        "stage": _stage(row),
        "dates": {name: row[name] for name in _DATES},
        "contract_no": row["contract_no"],
    }


def _stage(row: Any) -> str:
    reached = [name for name in _DATES if row[name] is not None]
    return reached[-1] if reached else "subscribed_on"


def raw(settings: Settings, *, reset: bool) -> ASGIApp:
    """Starlette, asyncpg and orjson: nobody signs in, nothing is logged, limited or tagged."""
    pool: Any = None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        kind = asyncpg.Connection if reset else _Kept
        async with asyncpg.create_pool(
            **asyncpg_arguments(settings.database_url),
            min_size=_CONNECTIONS,
            max_size=_CONNECTIONS,
            connection_class=kind,
        ) as pool:
            yield

    async def same(request: Request) -> Response:
        async with pool.acquire() as connection:
            rows = await connection.fetch(_SAME, UUID(request.path_params["id"]))
        return _json({"items": [_same(row) for row in rows]})

    async def flat(request: Request) -> Response:
        async with pool.acquire() as connection:
            rows = await connection.fetch(_FLAT, UUID(request.path_params["id"]))
        return _json({"items": [dict(row) for row in rows]})

    async def signed_in(request: Request) -> Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        async with pool.acquire() as connection:
            session = await connection.fetchrow(_SIGNED_IN, hashlib.sha256(token.encode()).digest())
            rows = await connection.fetch(_SAME, session["account_id"])
        return _json({"items": [_same(row) for row in rows]})

    routes = [Route("/same/{id}", same), Route("/flat/{id}", flat), Route("/signed-in", signed_in)]
    return Starlette(routes=routes, lifespan=lifespan)


class _ProjectOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    node_id: UUID
    name: str
    phase: str | None
    address: str | None
    service_centre: str | None
    hotline: str | None
    service_hours: str | None


class _Dates(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    subscribed_on: date | None
    signed_on: date | None
    delivery_due_on: date | None
    delivered_on: date | None
    keys_on: date | None
    moved_in_on: date | None


class _HomeOut(BaseModel):
    id: UUID
    ownership_id: UUID
    role: str
    building: str
    unit: str
    room: str
    layout: str | None
    area: float | None
    fitout: str | None
    project: _ProjectOut
    stage: str
    dates: _Dates
    contract_no: str | None


class _HomesOut(BaseModel):
    items: list[_HomeOut]


def orm(settings: Settings) -> ASGIApp:
    """FastAPI, the SQLAlchemy ORM and a response model, as a tutorial has it."""
    engine = create_async_engine(settings.database_url, pool_size=_CONNECTIONS)
    app = FastAPI()

    async def session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as opened:
            yield opened

    @app.get("/same/{account_id}", response_model=_HomesOut)
    async def same(account_id: UUID, opened: Annotated[AsyncSession, Depends(session)]) -> Any:
        found = await opened.execute(
            select(HouseholdMember, Ownership, Home, Project)
            .join(Ownership, (Ownership.id == HouseholdMember.ownership_id) & Ownership.ended_on.is_(None))
            .join(Home, Home.id == Ownership.home_id)
            .join(Project, Project.node_id == Home.project_id)
            .where(HouseholdMember.account_id == account_id, HouseholdMember.ended_at.is_(None))
            .order_by(Project.name, Home.sort_key, Home.id)
        )
        return {
            "items": [
                {
                    **{name: getattr(home, name) for name in _HOME},
                    "ownership_id": ownership.id,
                    "role": member.role,
                    "project": project,
                    "stage": _stage({name: getattr(ownership, name) for name in _DATES}),
                    "dates": ownership,
                    "contract_no": ownership.contract_no,
                }
                for member, ownership, home, project in found
            ]
        }

    return app


def constant(_settings: Settings) -> ASGIApp:
    """As fast as the server itself: two kilobytes that are always there."""
    body = b"x" * 2048

    async def answer(_request: Request) -> Response:
        return Response(body)

    return Starlette(routes=[Route("/", answer)])


PEERS: dict[str, Callable[[Settings], ASGIApp]] = {
    "constant": constant,
    "raw": lambda settings: raw(settings, reset=True),
    "raw-no-reset": lambda settings: raw(settings, reset=False),
    "orm": orm,
}


if __name__ == "__main__":
    serve_peer(PEERS)
