"""What must hold of the warranty, looked at from outside the workers."""

from collections.abc import Sequence
from typing import Final

from backend.db.work import Work
from backend.features.warranty.service import notices_without_timer
from backend.platform.audit import Check, Fault


async def _timers(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"warranty notice {row.id}", f"is due on {row.due_on.isoformat()} and nothing will tell it")
        for row in await notices_without_timer(work)
    ]


CHECKS: Final = (Check("every notice of a warranty has its timer", _timers),)
