"""When the deadline of a batch has passed: whoever keeps the project's warranty is told, and the thread says so."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.core.clock import local_date
from backend.db.work import Work
from backend.features.notices.service import About, Telling, tell_many
from backend.features.roster.service import on_duty_at
from backend.features.warranty.models import DefectBatch
from backend.features.warranty.repository import batches
from backend.features.warranty.rules import is_overdue
from backend.features.warranty.service.batches import DEADLINE
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append_many
from backend.platform.timers import DueTimer, NewTimer, schedule_many

_KEEPER: Final = "property_manager"
"""Who gathers the defects and sends them (WR-17)."""

_AGAIN: Final = timedelta(seconds=1)


async def tell_overdue(work: Work, waker: Waker, now: datetime, timers: Sequence[DueTimer]) -> None:
    """Tell of batches that were not put right in time. Waits for nobody: a held one is looked at a moment later."""
    ids = [UUID(timer.key) for timer in timers]
    found = await batches.free(work, ids)
    again = set(ids) - {one.id for one in found}
    await schedule_many(work, waker, [NewTimer(DEADLINE, str(one), now + _AGAIN, {}) for one in again])
    late = [
        one
        for one in found
        if one.late_told_at is None and is_overdue(one.state, one.deadline, local_date(now))
    ]
    if not late:
        return
    await _tell(work, now, late)
    entries = [
        NewEntry(one.thread_id, "batch_overdue", {"deadline": one.deadline.isoformat()}, None, "staff")
        for one in late
    ]
    for one in late:
        one.late_told_at = now
    await work.flush()
    await append_many(work, entries)


async def _tell(work: Work, now: datetime, late: Sequence[DefectBatch]) -> None:
    duty = await on_duty_at(work, {(one.project_id, _KEEPER) for one in late}, now)
    names = {one: await batches.project_name(work, one) for one in {each.project_id for each in late}}
    await tell_many(
        work,
        [
            Telling(
                "defect_batch_overdue",
                sorted(
                    {one.created_by, *(who.account_id for who in duty.get((one.project_id, _KEEPER), ()))}
                ),
                {"project": names[one.project_id], "day": one.deadline.isoformat()},
                About("defect_batch", one.id, one.thread_id),
                f"defect_batch:{one.id}:{one.deadline.isoformat()}",
            )
            for one in late
        ],
    )
