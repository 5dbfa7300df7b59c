"""What must hold of escalation, looked at from outside the workers."""

from collections.abc import Sequence
from typing import Final

from backend.db.work import Work
from backend.features.escalation.repository import watching as repository
from backend.features.escalation.service import BUNDLE, STEP
from backend.platform.audit import Check, Fault

LATE_MINUTES: Final = 5


async def _timed(work: Work) -> Sequence[Fault]:
    return [
        Fault(
            f"{row.subject_kind} {row.number}",
            f"the chain of its clock {row.clock} lives and nothing goes on",
        )
        for row in await repository.untimed_chains(work, STEP)
    ]


async def _bundled(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"account {row.account_id}", f"{row.many} pages wait for them and nothing will ring")
        for row in await repository.untimed_pages(work, BUNDLE)
    ]


async def _late(work: Work) -> Sequence[Fault]:
    return [
        Fault(
            f"{row.subject_kind} {row.number}",
            f"somebody was to be called since {row.due_at:%Y-%m-%d %H:%M:%S%z}",
        )
        for row in await repository.late(work, LATE_MINUTES)
    ]


async def _heard(work: Work) -> Sequence[Fault]:
    return [
        Fault(
            f"{row.subject_kind} {row.number}",
            f"the chain of its clock {row.clock} has nobody whom it could call",
        )
        for row in await repository.unheard(work)
    ]


CHECKS: Final = (
    Check("every living chain has its timer", _timed),
    Check("every page that waits has its timer", _bundled),
    Check("no page is late", _late),
    Check("every chain that has begun calls somebody", _heard),
)
