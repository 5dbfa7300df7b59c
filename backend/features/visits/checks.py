"""What must hold of visits, looked at from outside the workers."""

from collections.abc import Sequence
from typing import Final

from backend.db.work import Work
from backend.features.visits.repository import clocks
from backend.features.visits.repository.bookings import BOOKING
from backend.features.visits.service import CLOCK
from backend.platform.audit import Check, Fault


async def _watched(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"visit {row.id}", f"a {row.kind} visit is owed and nothing will look at it")
        for row in await clocks.unwatched(work, CLOCK)
    ]


async def _attended(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"visit {row.visit_id}", "its booking is to come and nothing will look at it")
        for row in await clocks.unattended(work, BOOKING)
    ]


CHECKS: Final = (
    Check("every visit that is owed by a time has its timer", _watched),
    Check("every booked visit has its timer", _attended),
)
