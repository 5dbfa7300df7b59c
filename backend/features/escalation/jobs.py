"""What fires at a time: chains go on, and bundles ring. By the database's clock."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from backend.db.present import present
from backend.db.work import Work
from backend.features.escalation.service import BUNDLE, STEP, Paged, ring, take_turns
from backend.features.escalation.service.again import AGAIN, Due, call_again, call_again_later
from backend.platform.process import Process
from backend.platform.timers import DueTimer, Handler


def timers(process: Process, paged: Mapping[str, Paged]) -> dict[str, Handler]:
    """What fires the timers of escalation, by kind. `paged`: what follows from a call, by kind of subject."""

    async def go_on(work: Work, due: Sequence[DueTimer]) -> None:
        ids = [UUID(timer.payload["escalation"]) for timer in due]
        await take_turns(work, process.waker, await present(work), ids, paged)

    async def ring_bundles(work: Work, due: Sequence[DueTimer]) -> None:
        accounts = [UUID(timer.payload["account"]) for timer in due]
        now = await present(work)
        rung = await ring(work, process.waker, now, accounts)
        await call_again_later(work, process.waker, now, rung)

    async def ring_again(work: Work, due: Sequence[DueTimer]) -> None:
        wanted = [Due(UUID(timer.payload["bundle"]), tuple(timer.payload["by"]), timer.key) for timer in due]
        await call_again(work, await present(work), wanted)

    return {STEP: go_on, BUNDLE: ring_bundles, AGAIN: ring_again}
