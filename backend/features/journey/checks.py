"""What must hold of journeys, looked at from outside the workers."""

from collections.abc import Sequence
from typing import Final

from backend.db.work import Work
from backend.features.journey.service import milestones_without_timer
from backend.platform.audit import Check, Fault


async def _timers(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"milestone {row.id}", f"is {row.state} and nothing will turn it: {row.obligation}")
        for row in await milestones_without_timer(work)
    ]


CHECKS: Final = (Check("every milestone that turns by itself has its timer", _timers),)
