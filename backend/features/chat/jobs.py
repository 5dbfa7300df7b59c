"""What fires at a time: the desk is looked over, and what was put off goes on. By the database's clock."""

from collections.abc import Sequence
from uuid import UUID

from backend.db.present import present
from backend.db.work import Work
from backend.features.chat.service import SWEEP, WAKE, NobodyOnDuty, sweep, wake
from backend.platform.process import Process
from backend.platform.timers import DueTimer, Handler


def timers(process: Process, nobody_on_duty: NobodyOnDuty) -> dict[str, Handler]:
    """What fires the timers of chat, by kind."""

    async def look_over(work: Work, due: Sequence[DueTimer]) -> None:
        for timer in due:
            await sweep(work, process.waker, await present(work), timer.due_at, nobody_on_duty)

    async def wake_up(work: Work, due: Sequence[DueTimer]) -> None:
        ids = [UUID(timer.payload["id"]) for timer in due]
        await wake(work, await present(work), ids, nobody_on_duty)

    return {SWEEP: look_over, WAKE: wake_up}
