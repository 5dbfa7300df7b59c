"""What the lists of tickets are measured beside: the same rows by raw SQL without any protection.

`python -m bench.ticket_peers raw --port N` with the settings of ours in the environment. `/tickets/ACCOUNT`,
`/day/ACCOUNT` and `/ledger/PROJECT` say what ours say; nobody signs in, nothing is tagged.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from backend.core.config import Settings
from backend.db.url import asyncpg_arguments
from bench.feed_peers import Kept
from bench.harness import serve_peer

_CONNECTIONS: Final = 10

# The same rows along the same indexes, in one statement each.
_NEXT: Final = """LEFT JOIN LATERAL (SELECT k.code, k.due_at, k.first_promise, k.state FROM ticket_clock k
    WHERE k.ticket_id = t.id AND k.state IN ('running', 'paused', 'breached') ORDER BY k.due_at LIMIT 1) c ON true"""
_MINE: Final = f"""
SELECT t.id, t.thread_id, t.ownership_id, t.place, t.component, t.urgent, t.state, e.name AS engineer, t.opened_at,
    t.version, c.code, c.due_at, c.first_promise, c.state AS clock_state
FROM household_member m JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
JOIN ticket t ON t.ownership_id = o.id LEFT JOIN account e ON e.id = t.engineer_id {_NEXT}
WHERE m.account_id = $1 AND m.ended_at IS NULL ORDER BY t.opened_at DESC, t.id DESC LIMIT 50"""  # noqa: S608 - names of this module
_DAY: Final = f"""
SELECT t.id AS ticket, t.thread_id AS thread, t.version, t.state, t.urgent, p.name AS project, h.building, h.unit,
    h.room, t.place, t.component, t.description, t.contact_name, t.contact_phone, c.code, c.due_at,
    c.state AS clock_state, a.id AS appointment, a.starts_at, a.ends_at, a.outcome
FROM ticket t JOIN home h ON h.id = t.home_id JOIN project p ON p.node_id = t.project_id {_NEXT}
LEFT JOIN appointment a ON a.ticket_id = t.id AND a.outcome = 'agreed'
WHERE t.engineer_id = $1 AND t.state NOT IN ('closed', 'cancelled')
    AND (a.id IS NULL OR a.starts_at >= current_date AND a.starts_at < current_date + 1)
ORDER BY t.urgent DESC, c.due_at, t.id LIMIT 200"""  # noqa: S608 - names of this module
_LEDGER: Final = f"""
SELECT t.id, t.state, t.home_id AS home, h.building, h.unit, h.room, t.place, t.component, t.urgent,
    t.cover ->> 'state' AS cover, t.engineer_id AS engineer, e.name AS engineer_name, t.opened_at, t.ended_at,
    t.hold_reason, t.visit AS visits, t.visits_abortive, t.appointments_moved, d.company_id AS company,
    co.name AS company_name, d.lesson, c.due_at,
    EXISTS (SELECT FROM succession s WHERE s.ticket_id = t.id) AS changed_hands
FROM ticket t JOIN home h ON h.id = t.home_id LEFT JOIN account e ON e.id = t.engineer_id
LEFT JOIN ticket_defect d ON d.ticket_id = t.id LEFT JOIN construction_company co ON co.id = d.company_id {_NEXT}
WHERE t.project_id = $1 ORDER BY t.opened_at DESC, t.id DESC LIMIT 50"""  # noqa: S608 - names of this module
_PROMISE: Final = ("code", "due_at", "first_promise", "clock_state")


def _shown(row: asyncpg.Record) -> dict[str, Any]:
    facts = dict(row)
    promise = {name: facts.pop(name, None) for name in _PROMISE if name != "due_at"} | {
        "due_at": row["due_at"]
    }
    return facts | {"promise": promise}


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

    def listing(sql: str) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            async with pool.acquire() as connection:
                rows = await connection.fetch(sql, UUID(request.path_params["whose"]))
            told = {"items": [_shown(row) for row in rows], "next": None}
            return Response(orjson.dumps(told, default=str), media_type="application/json")

        return answer

    lists = {"tickets": _MINE, "day": _DAY, "ledger": _LEDGER}
    routes = [Route(f"/{name}/{{whose}}", listing(sql)) for name, sql in lists.items()]
    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    serve_peer({"raw": raw})
