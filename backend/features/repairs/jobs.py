"""What fires at a time: clocks of tickets, reminders of visits, what waits for somebody. By the database's clock."""

from collections.abc import Sequence
from uuid import UUID

from backend.db.present import present
from backend.db.work import Work
from backend.features.repairs.service import CLOCK, LOOK, VISIT, appointments, look_at_clocks, sweep
from backend.platform.process import Process
from backend.platform.timers import DueTimer, Handler


def timers(process: Process) -> dict[str, Handler]:
    """What fires the timers of repairs, by kind."""

    async def look(work: Work, due: Sequence[DueTimer]) -> None:
        ids = [UUID(timer.payload["clock"]) for timer in due]
        await look_at_clocks(work, process.waker, await present(work), ids)

    async def look_over(work: Work, due: Sequence[DueTimer]) -> None:
        for timer in due:
            await sweep(work, process.waker, await present(work), timer.due_at)

    return {CLOCK: look, LOOK: look_over, VISIT: appointments.remind}
