"""What the warranty does in the worker: its ledger follows homes, and timers tell households.

All of it by the database's clock.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.db.work import Work
from backend.features.journey.service import JOURNEYS_FOLLOWED
from backend.features.warranty import service
from backend.platform.outbox import Job
from backend.platform.process import Process
from backend.platform.timers import DueTimer, Handler


def jobs(process: Process) -> dict[str, Job]:
    """The jobs of this feature by name, bound to the worker's process."""

    async def follow_ownerships(work: Work, payload: dict[str, Any]) -> None:
        ids = [UUID(one) for one in payload["ownership_ids"]]
        await service.follow_ownerships(work, process.waker, await _present(work), ids)

    async def follow_homes(work: Work, payload: dict[str, Any]) -> None:
        ids = [UUID(one) for one in payload["home_ids"]]
        await service.follow_homes(work, process.waker, await _present(work), ids)

    return {JOURNEYS_FOLLOWED: follow_ownerships, service.FOLLOW_HOMES: follow_homes}


def timers(process: Process) -> dict[str, Handler]:
    """What fires the timers of the warranty, by kind."""

    async def tell_households(work: Work, due: Sequence[DueTimer]) -> None:
        await service.tell_households(work, process.waker, await _present(work), due)

    async def tell_overdue(work: Work, due: Sequence[DueTimer]) -> None:
        await service.tell_overdue(work, process.waker, await _present(work), due)

    return {service.NOTICE: tell_households, service.DEADLINE: tell_overdue}


async def _present(work: Work) -> datetime:
    moment: datetime = (await work.scalars(select(func.app_now()))).one()
    return moment
