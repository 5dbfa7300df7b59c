"""What must hold of the warranty, looked at from outside the workers."""

from collections.abc import Sequence
from typing import Final

from backend.db.work import Work
from backend.features.warranty.service import batches_without_timer, notices_without_timer
from backend.platform.audit import Check, Fault


async def _timers(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"warranty notice {row.id}", f"is due on {row.due_on.isoformat()} and nothing will tell it")
        for row in await notices_without_timer(work)
    ]


async def _deadlines(work: Work) -> Sequence[Fault]:
    return [
        Fault(
            f"defect batch {row.id}",
            f"is to be put right by {row.deadline.isoformat()} and nothing will look",
        )
        for row in await batches_without_timer(work)
    ]


CHECKS: Final = (
    Check("every notice of a warranty has its timer", _timers),
    Check("every batch of defects has its timer", _deadlines),
)
