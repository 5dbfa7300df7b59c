"""What the timeline is measured beside: the same facts by raw SQL without any protection, and the way of the ORM.

`python -m bench.journey_peers NAME --port N` with the settings of ours in the environment. Both answer
`/ACCOUNT/OWNERSHIP` with what ours says, in Chinese; nobody signs in, nothing is tagged.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, FastAPI
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from backend.core.config import Settings
from backend.core.locale import say
from backend.db.url import asyncpg_arguments
from backend.features.estate.models import Home, Ownership, Project
from backend.features.journey.models import Journey, Milestone
from backend.features.journey.schemas_timeline import Timeline
from backend.features.people.models import Account, HouseholdMember, Position
from backend.features.standard.document import Obligation, Standard
from backend.features.standard.models import StandardVersion
from backend.platform.threads.models import Entry
from backend.platform.tree.models import Node
from bench.harness import serve_peer

_CONNECTIONS = 10
_ROLES = ("customer_relations_specialist", "customer_service_specialist", "customer_manager")
_LINES = 20
_TODAY = date(2026, 11, 22)
_AHEAD = ("coming", "due")

# The same rows along the same indexes, in one statement, as JSON that the server reads and completes.
_FACTS = """
SELECT j.standard_version_id, j.step, j.thread_id, pj.step AS shared_step, h.building, h.unit, h.room,
    p.node_id AS project_id, p.name AS project, p.service_centre, p.hotline, p.service_hours,
    (SELECT array_agg(ROW(c.role, a.name) ORDER BY array_position(n.path, c.node_id) DESC)
        FROM position c JOIN account a ON a.id = c.account_id
        WHERE c.node_id = ANY (n.path) AND c.role = ANY ($3) AND c.since <= $4 AND (c.until IS NULL OR c.until > $4)),
    (SELECT array_agg(ROW(m.id, m.journey_id = j.id, m.obligation, m.step, m.state, m.first_due_on, m.due_on,
        m.provisional, m.done_at, m.due_at, m.owner_sees) ORDER BY m.due_on, m.rank) FROM (
            SELECT * FROM milestone m WHERE m.journey_id = j.id AND m.owner_sees
            UNION ALL SELECT * FROM milestone m WHERE m.journey_id = pj.id AND m.owner_sees AND m.due_on >= o.signed_on
        ) m) AS promises,
    (SELECT array_agg(ROW(e.seq, e.kind, e.author_id, e.body, e.at, e.audience, e.cid, e.hides,
        e.erased_at IS NOT NULL))
        FROM (SELECT * FROM entry e WHERE e.thread_id = j.thread_id AND e.audience = 'all'
            AND NOT EXISTS (SELECT FROM entry w WHERE w.thread_id = e.thread_id AND w.hides = e.seq)
            ORDER BY e.seq DESC LIMIT 20) e) AS lines
FROM journey j
JOIN household_member m ON m.ownership_id = j.ownership_id AND m.account_id = $2 AND m.ended_at IS NULL
JOIN ownership o ON o.id = j.ownership_id
JOIN home h ON h.id = o.home_id
JOIN node n ON n.id = j.node_id
JOIN project p ON p.node_id = j.project_id
LEFT JOIN journey pj ON pj.project_id = j.project_id AND pj.ownership_id IS NULL
WHERE j.ownership_id = $1
"""


class _Kept(asyncpg.Connection):
    """The pool's reset on release, switched off."""

    async def reset(self, *, timeout: float | None = None) -> None: ...  # noqa: ASYNC109 - asyncpg's signature


class _Told:
    """What both peers make of a standard, once: plain values, put together as anybody would."""

    def __init__(self, standard: Standard) -> None:
        self.standard = {"code": standard.code, "version": standard.version}
        self.obligations: Mapping[str, Obligation] = {one.code: one for one in standard.obligations}
        self.steps = [
            {
                "code": step.code,
                "number": step.number,
                "name": step.name.zh_cn,
                "when": step.when.zh_cn,
                "touchpoint": step.touchpoint.zh_cn,
                "core": step.core.zh_cn,
                "kind": "under_all"
                if step.runs_under_all
                else "of_project"
                if step.of_project
                else "in_order",
            }
            for step in standard.steps
        ]
        self.roles = {
            one.responsible: say("zh-CN", f"role.{one.responsible}")
            for one in standard.obligations
            if one.responsible
        }

    def steps_at(self, step: str) -> list[dict[str, Any]]:
        return [
            one | {"state": "current" if one["code"] == step else "passed" if one["code"] < step else "ahead"}
            for one in self.steps
        ]

    def promise(self, row: Sequence[Any], project: str) -> dict[str, Any]:
        id_, own, code, step, state, first, due, provisional, done_at, due_at, seen = row
        one = self.obligations[code]
        role = one.responsible
        day = f"{due.year}年{due.month}月{due.day}日" if due else "（日期待定）"
        return {
            "id": id_,
            "obligation": code,
            "of": "ownership" if own else "project",
            "name": one.name.zh_cn,
            "step": step,
            "promise": one.promise
            and one.promise.zh_cn.format(due=day, project=project, role=self.roles.get(role or "")),
            "responsible": role and {"code": role, "name": self.roles[role]},
            "state": state,
            "first_due_on": first,
            "due_on": due,
            "provisional": provisional,
            "done_at": done_at,
            "kept": done_at <= due_at if done_at else None,
            "before_record": False,
            "owner_sees": seen,
        }

    def whole(
        self,
        head: Mapping[str, Any],
        promises: list[dict[str, Any]],
        contact: Any,
        lines: list[dict[str, Any]],
    ) -> dict[str, Any]:
        done = [one["kept"] for one in promises if one["state"] == "done"]
        late = sum(one["state"] == "late" for one in promises)
        return {
            "ownership_id": head["ownership_id"],
            "home": {name: head[name] for name in ("building", "unit", "room")},
            "project": {"id": head["project_id"], "name": head["project"]},
            "standard": self.standard,
            "step": head["step"],
            "steps": self.steps_at(head["step"]),
            "next": [
                {"id": one["id"], "name": one["name"], "due_on": one["due_on"], "state": one["state"]}
                for one in promises
                if one["state"] in _AHEAD
            ][:5],
            "contact": {
                "name": contact and contact[1],
                "role": contact and {"code": contact[0], "name": self.roles[contact[0]]},
                **{name: head[name] for name in ("hotline", "service_centre", "service_hours")},
            },
            "happened": {"thread": head["thread_id"], "items": lines, "next": None},
            "promises": promises,
            "sums": {
                "promised": len(promises),
                "kept": done.count(True),
                "kept_late": done.count(False),
                "late": late,
                "missed": 0,
                "open": len(promises) - len(done) - late,
                "before_record": 0,
            },
        }


def raw(settings: Settings) -> ASGIApp:
    """Starlette, asyncpg and orjson, with the pool's reset switched off."""
    pool: Any = None
    told: dict[UUID, _Told] = {}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        async with asyncpg.create_pool(
            **asyncpg_arguments(settings.database_url),
            min_size=_CONNECTIONS,
            max_size=_CONNECTIONS,
            connection_class=_Kept,
        ) as pool:
            for row in await pool.fetch("SELECT id, document FROM standard_version"):
                told[row["id"]] = _Told(Standard.model_validate_json(row["document"]))
            yield

    async def answer(request: Request) -> Response:
        ownership_id = UUID(request.path_params["ownership"])
        async with pool.acquire() as connection:
            row = await connection.fetchrow(
                _FACTS, ownership_id, UUID(request.path_params["account"]), _ROLES, _TODAY
            )
        of = told[row["standard_version_id"]]
        promises = [of.promise(one, row["project"]) for one in row["promises"]]
        lines = [
            {
                "seq": seq, "kind": kind, "author": author, "body": json.loads(body), "at": at,
                "audience": audience, "cid": cid, "hides": hides, "erased": erased,
            }
            for seq, kind, author, body, at, audience, cid, hides, erased in row["lines"]
        ]  # fmt: skip
        contact = row["array_agg"][0] if row["array_agg"] else None
        head = {**row, "ownership_id": ownership_id}
        return Response(
            orjson.dumps(of.whole(head, promises, contact, lines), default=str), media_type="application/json"
        )

    return Starlette(routes=[Route("/{account}/{ownership}", answer)], lifespan=lifespan)


def orm(settings: Settings) -> ASGIApp:
    """FastAPI, the ORM and a response model."""
    engine = create_async_engine(
        settings.database_url, pool_size=_CONNECTIONS, max_overflow=0, pool_reset_on_return=None
    )
    told: dict[UUID, _Told] = {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncSession(engine) as session:
            for row in await session.scalars(select(StandardVersion)):
                told[row.id] = _Told(Standard.model_validate(row.document))
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)

    async def session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as opened:
            yield opened

    @app.get("/{account}/{ownership}", response_model=Timeline)
    async def answer(
        account: UUID, ownership: UUID, session: Annotated[AsyncSession, Depends(session)]
    ) -> Any:
        [(journey, owned, home, project, node)] = await session.execute(
            select(Journey, Ownership, Home, Project, Node)
            .join(Ownership, Ownership.id == Journey.ownership_id)
            .join(HouseholdMember, HouseholdMember.ownership_id == Ownership.id)
            .join(Home, Home.id == Ownership.home_id)
            .join(Project, Project.node_id == Journey.project_id)
            .join(Node, Node.id == Journey.node_id)
            .where(
                Journey.ownership_id == ownership,
                HouseholdMember.account_id == account,
                HouseholdMember.ended_at.is_(None),
            )
        )
        shared = select(Journey.id).where(
            Journey.project_id == journey.project_id, Journey.ownership_id.is_(None)
        )
        milestones = await session.scalars(
            select(Milestone)
            .where(
                or_(
                    Milestone.journey_id == journey.id,
                    Milestone.journey_id.in_(shared) & (Milestone.due_on >= owned.signed_on),
                ),
                Milestone.owner_sees,
            )
            .order_by(Milestone.due_on, Milestone.rank)
        )
        entries = await session.scalars(
            select(Entry)
            .where(Entry.thread_id == journey.thread_id, Entry.audience == "all")
            .order_by(Entry.seq.desc())
            .limit(_LINES)
        )
        held = await session.execute(
            select(Position.role, Account.name)
            .join(Account, Account.id == Position.account_id)
            .where(Position.node_id.in_(node.path), Position.role.in_(_ROLES), Position.since <= _TODAY)
        )
        of = told[journey.standard_version_id]
        promises = [
            of.promise(
                (
                    one.id, one.journey_id == journey.id, one.obligation, one.step, one.state, one.first_due_on,
                    one.due_on, one.provisional, one.done_at, one.due_at, one.owner_sees,
                ),
                project.name,
            )
            for one in milestones
        ]  # fmt: skip
        lines = [
            {
                "seq": one.seq, "kind": one.kind, "author": one.author_id, "body": one.body,
                "at": one.at.astimezone(UTC), "audience": one.audience, "cid": one.cid, "hides": one.hides,
                "erased": one.erased_at is not None,
            }
            for one in entries
        ]  # fmt: skip
        head = {
            "ownership_id": ownership, "building": home.building, "unit": home.unit, "room": home.room,
            "project_id": project.node_id, "project": project.name, "step": journey.step,
            "thread_id": journey.thread_id, "hotline": project.hotline, "service_centre": project.service_centre,
            "service_hours": project.service_hours,
        }  # fmt: skip
        return of.whole(head, promises, next(iter(held), None), lines)

    return app


PEERS: dict[str, Callable[[Settings], ASGIApp]] = {"raw": raw, "orm": orm}


if __name__ == "__main__":
    serve_peer(PEERS)
