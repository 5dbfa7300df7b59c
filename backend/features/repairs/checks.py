"""What must hold of repairs, looked at from outside the workers."""

from collections.abc import Sequence
from typing import Final

from backend.db.work import Work
from backend.features.repairs.service import CLOCK, unwatched
from backend.platform.audit import Check, Fault


async def _watched(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"ticket {row.ticket_id}", f"its clock {row.code} runs and nothing will look at it")
        for row in await unwatched(work, CLOCK)
    ]


CHECKS: Final = (Check("every running clock of a ticket has its timer", _watched),)
