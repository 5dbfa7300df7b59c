"""Ending chains, by the act that their clocks waited for; and whom a chain that lives calls no more."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.db.work import Work
from backend.features.escalation.repository import chains as repository
from backend.features.escalation.rules import EndedWhy
from backend.features.escalation.service.silence import fall_silent
from backend.features.escalation.service.starting import STEP
from backend.platform.timers import cancel


async def end(work: Work, clock_ids: Sequence[UUID], why: EndedWhy, at: datetime) -> None:
    """End the living chains of these clocks, by an act at `at`. Their open pages ask for nothing any more.

    Waits for a worker that takes a turn of one of them at this moment, and ends it after.
    """
    living = await repository.living(work, clock_ids)
    if not living:
        return
    # First the timers: whoever takes a turn holds its timer, and only then the chain.
    await cancel(work, STEP, [str(one) for one in living])
    await fall_silent(work, await repository.end(work, clock_ids, why, at))


async def bar(
    work: Work, subject_kind: str, subject_id: UUID, accounts: Sequence[UUID], at: datetime
) -> None:
    """Call these people no more about a subject, for whom it turned out to be none of theirs; their pages end.

    Its chains go on at their times. Those that begin later are told whom they do not call when they begin.
    """
    await fall_silent(work, await repository.bar(work, subject_kind, subject_id, accounts, at))
