"""The running clocks of a kind of subject that are counted in working time, for whoever publishes a calendar."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from backend.core.locale import DEFAULT, say
from backend.db.present import present
from backend.db.work import Work
from backend.features.escalation.service.promises import Promises, Row
from backend.platform.calendar import RunningClock, read_rule
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append

Subject = TypeVar("Subject", bound="OnThread")


class OnThread(Protocol):
    """What has a thread."""

    @property
    def thread_id(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Recounted(Generic[Subject, Row]):
    """Answers for the clocks of a kind of subject that run by working time.

    `kind`: what the subject is called, and whose words name its clocks: `<kind>.clock_<code>`. `running_at`: running
    clocks at and below nodes, each with its `subject_id` and `node_id`. `lock`: clocks with their subjects, locked.
    `clocks_of`: all clocks of a subject that is.
    """

    kind: str
    running_at: Callable[[Work, Sequence[UUID], datetime | None], Awaitable[Sequence[Any]]]
    lock: Callable[[Work, Sequence[UUID]], Awaitable[Sequence[tuple[Subject, Row]]]]
    clocks_of: Callable[[Work, Subject, datetime, UUID | None], Awaitable[Promises[Row]]]
    waker: Waker

    async def running(
        self, work: Work, nodes: list[UUID], started_before: datetime | None
    ) -> Sequence[RunningClock]:
        """Those at and below these nodes, which started before a moment when one is given."""
        return [
            RunningClock(
                id=one.id,
                subject_kind=self.kind,
                subject_id=one.subject_id,
                node_id=one.node_id,
                name=say(DEFAULT, f"{self.kind}.clock_{one.code}"),
                start=one.starts_at,
                rule=read_rule(one.rule),
                due=one.due_at,
                calendar_version=one.calendar_version,
            )
            for one in await self.running_at(work, nodes, started_before)
        ]

    async def revise(
        self, work: Work, clock: RunningClock, new_due: datetime, reason: str, actor: UUID
    ) -> bool:
        """Give a clock its new due time; the first promise stays, and a line says who, why, from and to."""
        for subject, one in await self.lock(work, [clock.id]):
            if one.state != "running" or one.due_at != clock.due:
                return False
            body = {
                "clock": one.code,
                "from": one.due_at.isoformat(),
                "to": new_due.isoformat(),
                "reason": reason,
            }
            clocks = await self.clocks_of(work, subject, await present(work), actor)
            await clocks.revise(one, new_due, reason)
            await clocks.settle(self.waker)
            await append(work, NewEntry(subject.thread_id, "clock_revised", body, actor))
            return True
        return False
