"""What fires at a time: clocks of cases are looked at. By the database's clock."""

from collections.abc import Sequence
from uuid import UUID

from backend.db.work import Work
from backend.features.hotline.repository.present import present
from backend.features.hotline.service import CLOCK, look_at_clocks
from backend.platform.process import Process
from backend.platform.timers import DueTimer, Handler


def timers(process: Process) -> dict[str, Handler]:
    """What fires the timers of cases, by kind."""

    async def look(work: Work, due: Sequence[DueTimer]) -> None:
        ids = [UUID(timer.payload["clock"]) for timer in due]
        await look_at_clocks(work, process.waker, await present(work), ids)

    return {CLOCK: look}
