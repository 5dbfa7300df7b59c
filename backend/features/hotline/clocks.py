"""The running clocks of cases that are counted in working time, for whoever publishes a calendar."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.core.locale import DEFAULT, say
from backend.db.present import present
from backend.db.work import Work
from backend.features.hotline.repository.clocks import lock_clocks, running_at
from backend.features.hotline.service import Clocks
from backend.platform.calendar import RunningClock, read_rule
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append


class CaseClocks:
    """Answers for the clocks whose subject is a case and that run by working time."""

    def __init__(self, waker: Waker) -> None:
        self._waker = waker

    async def running(
        self, work: Work, nodes: list[UUID], started_before: datetime | None
    ) -> Sequence[RunningClock]:
        """Those at and below these nodes, which started before a moment when one is given."""
        return [
            RunningClock(
                id=one.id,
                subject_kind="case",
                subject_id=one.case_id,
                node_id=one.node_id,
                name=say(DEFAULT, f"case.clock_{one.code}"),
                start=one.starts_at,
                rule=read_rule(one.rule),
                due=one.due_at,
                calendar_version=one.calendar_version,
            )
            for one in await running_at(work, nodes, started_before)
        ]

    async def revise(
        self, work: Work, clock: RunningClock, new_due: datetime, reason: str, actor: UUID
    ) -> bool:
        """Give a clock its new due time; the first promise stays, and a line says who, why, from and to."""
        for case, one in await lock_clocks(work, [clock.id]):
            if one.state != "running" or one.due_at != clock.due:
                return False
            body = {
                "clock": one.code,
                "from": one.due_at.isoformat(),
                "to": new_due.isoformat(),
                "reason": reason,
            }
            clocks = await Clocks.of(work, case, await present(work), actor)
            await clocks.revise(one, new_due, reason)
            await clocks.settle(self._waker)
            await append(work, NewEntry(case.thread_id, "clock_revised", body, actor))
            return True
        return False
