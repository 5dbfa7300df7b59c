"""What journeys do in the worker: they follow the estate, dates move batch by batch, and timers turn them.

All of it by the database's clock: a worker whose own clock is wrong turns nothing too early and nothing too late.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.db.present import present
from backend.db.work import Work
from backend.features.estate.service import OWNERSHIPS_CHANGED, PROJECT_DATES_CHANGED
from backend.features.journey import service
from backend.platform.outbox import Job
from backend.platform.process import Process
from backend.platform.timers import DueTimer, Handler


def jobs(process: Process) -> dict[str, Job]:
    """The jobs of this feature by name, bound to the worker's process."""

    async def follow_ownerships(work: Work, payload: dict[str, Any]) -> None:
        ids = [UUID(one) for one in payload["ownership_ids"]]
        why = service.Told(_id(payload["actor_id"]), payload["reason"], payload["cause"])
        await service.follow_ownerships(work, process.waker, await present(work), ids, why)

    async def follow_project(work: Work, payload: dict[str, Any]) -> None:
        why = service.Told(_id(payload["actor_id"]), None, "project")
        project_id = UUID(payload["project_id"])
        await service.follow_project(work, process.waker, await present(work), project_id, why)

    async def relay(work: Work, payload: dict[str, Any]) -> None:
        ids = [UUID(one) for one in payload["journey_ids"]]
        await service.relay(work, process.waker, await present(work), ids)

    async def move_dates(work: Work, payload: dict[str, Any]) -> None:
        await service.move_batch(work, process.waker, await present(work), UUID(payload["move_id"]))

    return {
        OWNERSHIPS_CHANGED: follow_ownerships,
        PROJECT_DATES_CHANGED: follow_project,
        service.RELAY: relay,
        service.MOVE_DATES: move_dates,
    }


def timers(process: Process) -> dict[str, Handler]:
    """What fires the timers of journeys, by kind."""

    async def turn_milestones(work: Work, due: Sequence[DueTimer]) -> None:
        await service.turn_milestones(work, process.waker, await present(work), due)

    async def enter_steps(work: Work, due: Sequence[DueTimer]) -> None:
        await service.enter_steps(work, process.waker, await present(work), due)

    return {service.MILESTONE: turn_milestones, service.STEP: enter_steps}


def _id(told: str | None) -> UUID | None:
    return UUID(told) if told is not None else None
