"""The promises of journeys that are counted in working time, for whoever publishes a calendar."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.core.locale import DEFAULT
from backend.db.present import present
from backend.db.work import Work
from backend.features.journey.repository import journeys
from backend.features.journey.rules.laying import Book
from backend.features.journey.rules.reckoning import first_known
from backend.features.journey.rules.revising import change_of, counts_working_time
from backend.features.journey.service.books import book, book_for
from backend.features.journey.service.loading import row_of, unpacked
from backend.features.journey.service.reckoning import CalendarReckoner, reckoner_of
from backend.features.journey.service.words import words
from backend.features.journey.service.writing import Where, Writer, told
from backend.platform.calendar import RunningClock, read_rule, version_of
from backend.platform.outbox import Waker
from backend.platform.threads import Audience, NewEntry


class JourneyClocks:
    """Answers for the clocks whose subject is a journey: its milestones that are coming or due by working time."""

    def __init__(self, waker: Waker) -> None:
        self._waker = waker

    async def running(
        self, work: Work, nodes: list[UUID], started_before: datetime | None
    ) -> Sequence[RunningClock]:
        """Those at and below these nodes, which started before a moment when one is given."""
        reckoners: dict[UUID, CalendarReckoner] = {}
        versions: dict[UUID, int] = {}
        found = []
        for version_id, of_project in await journeys.versions_at(work, nodes):
            its = await book(work, version_id, "project" if of_project else "ownership")
            codes = [code for code, one in its.obligations.items() if counts_working_time(one)]
            if not codes:
                continue
            for one in await journeys.running_at(work, nodes, version_id, codes):
                if one.project_id not in reckoners:
                    reckoners[one.project_id] = await reckoner_of(work, one.project_id)
                    versions[one.project_id] = await version_of(work, one.project_id)
                start = _start(its, one, reckoners[one.project_id])
                if start is not None and (started_before is None or start < started_before):
                    found.append(_clock(its, one, start, versions[one.project_id]))
        return found

    async def revise(
        self, work: Work, clock: RunningClock, new_due: datetime, reason: str, actor: UUID
    ) -> bool:
        """Give a promise its new day; the first one stays, and a line says who, why, from and to."""
        now = await present(work)
        for one in await journeys.free_milestones(work, [clock.id]):
            its = await book_for(work, one)
            row, obligation = row_of(one), its.obligations.get(one.obligation)
            if obligation is None or row.state not in {"coming", "due"} or row.planned.due_at != clock.due:
                continue
            day = (await reckoner_of(work, one.project_id)).day_of(new_due - timedelta.resolution)
            opens_at = min(row.planned.opens_at or new_due, new_due)
            planned = replace(row.planned, opens_at=opens_at, due_on=day, due_at=new_due)
            change = change_of(row, obligation, planned, now)
            if change is None:
                continue
            where = Where(one.journey_id, one.project_id, one.node_id, one.thread_id, its)
            writer = Writer(now, told=True)
            writer.write(where, [change])
            body = told(change) | {"from": str(row.planned.due_on), "reason": reason}
            audience: Audience = "all" if obligation.owner_sees else "staff"
            writer.entries.append(NewEntry(one.thread_id, "promise_revised", body, actor, audience))
            await writer.flush(work, self._waker)
            return True
        return False


def _start(its: Book, one: Any, reckoner: CalendarReckoner) -> datetime | None:
    since = first_known(its.obligations[one.obligation].from_, unpacked(one.dates))
    return None if since is None else reckoner.start_of(since)


def _clock(its: Book, one: Any, start: datetime, version: int) -> RunningClock:
    obligation = its.obligations[one.obligation]
    assert obligation.due is not None
    return RunningClock(
        id=one.id,
        subject_kind="journey",
        subject_id=one.journey_id,
        node_id=one.project_id,
        name=words(obligation.name, DEFAULT),
        start=start,
        rule=read_rule({"kind": obligation.due.kind, "value": obligation.due.value}),
        due=one.due_at,
        calendar_version=version,
    )
