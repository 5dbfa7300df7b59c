"""What must hold of repairs, looked at from outside the workers."""

from collections.abc import Sequence
from typing import Final

from backend.db.work import Work
from backend.features.repairs.service import CLOCK, LOOK, VISIT, unreminded, unwatched, waits_unseen
from backend.platform.audit import Check, Fault


async def _watched(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"ticket {row.ticket_id}", f"its clock {row.code} runs and nothing will look at it")
        for row in await unwatched(work, CLOCK)
    ]


async def _looked_after(work: Work) -> Sequence[Fault]:
    unseen = await waits_unseen(work, LOOK)
    return [Fault("repairs", "something waits for somebody and nothing will look at it")] if unseen else []


async def _reminded(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"ticket {row.ticket_id}", "its visit is agreed and nothing will look whether it took place")
        for row in await unreminded(work, VISIT)
    ]


CHECKS: Final = (
    Check("every running clock of a ticket has its timer", _watched),
    Check("who waits for an engineer is looked after", _looked_after),
    Check("every agreed visit of a repair has its timer", _reminded),
)
