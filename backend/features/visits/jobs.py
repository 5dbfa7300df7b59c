"""What visits do in the worker: they follow journeys and repairs, and look at their clocks. By the database's clock."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.db.present import present
from backend.db.work import Work
from backend.features.journey.service import TALKS_TURNED
from backend.features.repairs.service import FINISHED_TURNED
from backend.features.visits import service
from backend.features.visits.repository.bookings import BOOKING
from backend.platform.outbox import Job
from backend.platform.process import Process
from backend.platform.timers import DueTimer, Handler


def jobs(process: Process) -> dict[str, Job]:
    """The jobs of this feature by name, bound to the worker's process."""

    async def follow_milestones(work: Work, payload: dict[str, Any]) -> None:
        ids = [UUID(one) for one in payload["milestone_ids"]]
        await service.follow_milestones(work, process.waker, await present(work), ids)

    async def follow_tickets(work: Work, payload: dict[str, Any]) -> None:
        ids = [UUID(one) for one in payload["ticket_ids"]]
        await service.follow_tickets(work, process.waker, await present(work), ids)

    return {TALKS_TURNED: follow_milestones, FINISHED_TURNED: follow_tickets}


def timers(process: Process) -> dict[str, Handler]:
    """What fires the timers of visits, by kind."""

    async def look(work: Work, due: Sequence[DueTimer]) -> None:
        await service.look_at_clocks(work, process.waker, await present(work), due)

    async def remind(work: Work, due: Sequence[DueTimer]) -> None:
        await service.remind(work, await present(work), due)

    return {service.CLOCK: look, BOOKING: remind}
