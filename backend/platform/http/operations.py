"""What operators and their machines ask: is the process alive, is it ready, how is it doing."""

import asyncio
from collections.abc import Sequence
from typing import Literal, Protocol, cast

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from backend.core.wire import Answer
from backend.db import migrations
from backend.db.work import Work
from backend.platform import audit, outbox
from backend.platform.http import metrics
from backend.platform.http.route import ALWAYS_POSSIBLE, Here, operation_id
from backend.platform.process import Process
from backend.platform.timers import operating

router = APIRouter(tags=["operations"], responses=ALWAYS_POSSIBLE, generate_unique_id_function=operation_id)

State = Literal["ok", "away", "behind"]


class Scraped(Protocol):
    """What a feature leaves in the database for Prometheus."""

    async def read(self, work: Work) -> None:
        """Read it anew."""

    def forget(self) -> None:
        """It could not be read: show nothing of it."""


class Alive(Answer):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Answer):
    """How each thing the API stands on is doing. Without Valkey it serves on, only less promptly."""

    ready: bool
    database: State
    migration: State
    valkey: State


@router.get("/healthz")
async def read_health() -> Alive:
    """The process answers; says nothing of what it stands on."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Not ready"}})
async def read_readiness(process: Here, request: Request, response: Response) -> Readiness:
    """Whether requests should come here: the database answers and stands at this code's migration."""
    database, migration = await _database(process, request.app.state.migration_head)
    ready = database == "ok" and migration == "ok"
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, database=database, migration=migration, valkey=await _valkey(process))


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def read_metrics(process: Here, request: Request) -> Response:
    """Prometheus metrics."""
    # The pending ones apart: counting millions may take too long, and the alarms must not hang on that.
    for read, gauges in ((_read_waiting, metrics.WAITING), (_read_pending, (metrics.TIMERS_PENDING,))):
        try:
            async with asyncio.timeout(2), process.works.begin() as work:
                await read(work)
        except Exception:
            # The database is away: an unknown count must not be reported as the last known one.
            for gauge in gauges:
                gauge.set(float("nan"))
    for one in cast("Sequence[Scraped]", request.app.state.scraped):
        try:
            async with asyncio.timeout(2), process.works.begin() as work:
                await one.read(work)
        except Exception:
            one.forget()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _read_waiting(work: Work) -> None:
    waiting = await outbox.pending(work)
    metrics.OUTBOX_PENDING.set(waiting.pending)
    metrics.OUTBOX_PARKED.set(waiting.parked)
    metrics.OUTBOX_OLDEST.set(waiting.oldest)
    counts = await operating.count(work)
    metrics.TIMERS_DUE.set(counts.due)
    metrics.TIMERS_OLDEST.set(counts.oldest)
    metrics.TIMERS_PARKED.set(counts.parked)
    metrics.TIMERS_HELD.set(counts.held)
    metrics.TIMER_WORKERS.set(counts.workers)
    metrics.TIMER_LATENESS.buckets = await operating.lateness(work)
    found = await audit.standing(work)
    metrics.AUDIT_FAULTS.set(found.faults)
    metrics.AUDIT_AGE.set(found.age)


async def _read_pending(work: Work) -> None:
    metrics.TIMERS_PENDING.set(await operating.count_pending(work))


async def _database(process: Process, head: str) -> tuple[State, State]:
    try:
        async with asyncio.timeout(2), process.works.begin() as work:
            await work.execute(text("SELECT 1"))
            revision = await migrations.current(process.engine)
    except Exception:
        return "away", "away"
    return "ok", "ok" if revision == head else "behind"


async def _valkey(process: Process) -> State:
    try:
        async with asyncio.timeout(2):
            await process.valkey.ping()
    except Exception:
        return "away"
    return "ok"
