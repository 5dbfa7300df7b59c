"""What files do in the worker: they are looked at, let go and swept."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from backend.db.work import Work
from backend.features.files import service
from backend.platform.outbox import Job
from backend.platform.process import Process
from backend.platform.threads import LINES_ERASED
from backend.platform.timers import DueTimer, Handler

_LOOKED_AT_ONCE: Final = 2
"""Each takes a core and a few hundred megabytes for about a second."""


def jobs(process: Process) -> dict[str, Job]:
    """The jobs of this feature by name, bound to the worker's process."""
    places = asyncio.Semaphore(_LOOKED_AT_ONCE)

    async def look(work: Work, payload: dict[str, Any]) -> None:
        async with places:
            await service.look(process, work, UUID(payload["file"]))

    async def let_go(work: Work, payload: dict[str, Any]) -> None:
        await service.let_go(process, work, [UUID(one) for one in payload["files"]])

    return {service.LOOK: look, LINES_ERASED: let_go}


def timers(process: Process) -> dict[str, Handler]:
    """What fires the timers of files, by kind."""

    async def sweep(work: Work, due: Sequence[DueTimer]) -> None:
        await service.sweep(process, work, due)

    return {service.SWEEP: sweep}
