"""The running clocks of tickets that are counted in working time, for whoever publishes a calendar."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.core.locale import DEFAULT, say
from backend.db.present import present
from backend.db.work import Work
from backend.features.escalation.service import end
from backend.features.repairs.repository import tickets
from backend.features.repairs.service import timer_of
from backend.platform.calendar import RunningClock, read_rule
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append
from backend.platform.timers import schedule_many


class TicketClocks:
    """Answers for the clocks whose subject is a ticket and that run by working time."""

    def __init__(self, waker: Waker) -> None:
        self._waker = waker

    async def running(
        self, work: Work, nodes: list[UUID], started_before: datetime | None
    ) -> Sequence[RunningClock]:
        """Those at and below these nodes, which started before a moment when one is given."""
        return [
            RunningClock(
                id=one.id,
                subject_kind="ticket",
                subject_id=one.ticket_id,
                node_id=one.project_id,
                name=say(DEFAULT, f"ticket.clock_{one.code}"),
                start=one.starts_at,
                rule=read_rule(one.rule),
                due=one.due_at,
                calendar_version=one.calendar_version,
            )
            for one in await tickets.running_at(work, nodes, started_before)
        ]

    async def revise(
        self, work: Work, clock: RunningClock, new_due: datetime, reason: str, actor: UUID
    ) -> bool:
        """Give a clock its new due time; the first promise stays, and a line says who, why, from and to."""
        for ticket, one in await tickets.lock_clocks(work, [clock.id]):
            if one.state != "running" or one.due_at != clock.due:
                return False
            body = {
                "clock": one.code,
                "from": one.due_at.isoformat(),
                "to": new_due.isoformat(),
                "reason": reason,
            }
            one.due_at = new_due
            await work.flush()
            await append(work, NewEntry(ticket.thread_id, "clock_revised", body, actor))
            now = await present(work)
            await end(work, [one.id], "revised", now)
            await schedule_many(work, self._waker, [timer_of(one, now)])
            return True
        return False
