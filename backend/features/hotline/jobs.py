"""What fires at a time: clocks of cases, days of review, what waits for somebody. By the database's clock."""

from collections.abc import Sequence
from uuid import UUID

from backend.db.present import present
from backend.db.work import Work
from backend.features.hotline.service import CLOCK, REVIEW, WAITS, look_at_clocks, tell_reviews, tell_waiting
from backend.platform.process import Process
from backend.platform.timers import DueTimer, Handler


def timers(process: Process) -> dict[str, Handler]:
    """What fires the timers of cases, by kind."""

    async def look(work: Work, due: Sequence[DueTimer]) -> None:
        ids = [UUID(timer.payload["clock"]) for timer in due]
        await look_at_clocks(work, process.waker, await present(work), ids)

    async def review(work: Work, due: Sequence[DueTimer]) -> None:
        await tell_reviews(work, await present(work), [UUID(timer.payload["case"]) for timer in due])

    async def waiting(work: Work, due: Sequence[DueTimer]) -> None:
        whom = [(UUID(timer.payload["case"]), timer.due_at) for timer in due]
        await tell_waiting(work, process.waker, await present(work), whom)

    return {CLOCK: look, REVIEW: review, WAITS: waiting}
