"""Tasks: which are mine, how they stand on the clock, and saying that one is done."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.db.work import Work
from backend.features.journey.repository import journeys, tasks
from backend.features.journey.rules.doing import done_at_fault, done_faults
from backend.features.journey.service.books import book_for
from backend.features.journey.service.following import relay_one
from backend.features.journey.service.loading import rows_by_journey, unpacked
from backend.features.journey.service.reckoning import CalendarReckoner, reckoner_of
from backend.features.journey.service.writing import Writer
from backend.features.people.service import scope_of
from backend.features.standard.document import Obligation
from backend.platform.outbox import Waker
from backend.platform.threads import Audience, NewEntry


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with its milestone, home and project (`row`), and what the standard says of it."""

    row: Any
    obligation: Obligation


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the tasks is asked for. `mine`: those I am to do; otherwise all at and below the nodes I oversee."""

    mine: bool
    state: str
    overdue: bool | None
    project_id: UUID | None


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody says of a task they have done. `evidence` are items with a `kind`; `done_at` None: just now."""

    evidence: Sequence[dict[str, Any]]
    note: str | None
    done_at: datetime | None
    late_reason: str | None


async def tasks_page(
    work: Work,
    caller: Caller,
    now: datetime,
    filters: Filters,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[TaskView]:
    """A page of tasks, the soonest due first.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    scope = None if filters.mine else await scope_of(work, caller, "oversee", now)
    found = await tasks.tasks_page(
        work,
        account_id=caller.account_id,
        scope=scope,
        today=local_date(now),
        state=filters.state,
        overdue=filters.overdue,
        now=now,
        project_id=filters.project_id,
        after=after,
        limit=limit,
    )
    return [await _view(work, row) for row in found]


async def find_task(work: Work, caller: Caller, now: datetime, task_id: UUID) -> TaskView:
    """A task in the caller's scope.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none for this caller.
    """
    return await _view(work, await _seen(work, caller, now, task_id))


async def do_task(
    work: Work, waker: Waker, caller: Caller, now: datetime, task_id: UUID, said: Done
) -> TaskView:
    """Say that a task is done. What waited for it is laid out at once.

    Raises:
        NotAllowed: `not_in_your_role`, `not_your_task`.
        NotFound: there is none for this caller.
        Conflict: `task_done_already`, `task_void`.
        Invalid: `not_done_yet`, with a fault for each field: evidence missing, a time that cannot be.
    """
    seen = await _seen(work, caller, now, task_id)
    if not (seen.mine or seen.overseen):
        raise NotAllowed("not_your_task")
    [journey] = await journeys.journeys(work, [seen.journey_id])
    state = await tasks.lock_task(work, task_id)
    if state != "open":
        raise Conflict("task_done_already" if state == "done" else "task_void")
    its = await book_for(work, journey)
    obligation = its.obligations[seen.obligation]
    reckoner = await reckoner_of(work, journey.project_id)
    done_at = said.done_at or now
    dates = unpacked(journey.dates)
    _check(obligation, said, done_at, now, reckoner, min(dates.values(), default=None))
    await tasks.write_done(
        work,
        task_id,
        seen.milestone_id,
        done_at=done_at,
        done_by=caller.account_id,
        recorded_at=now,
        late_reason=said.late_reason,
        evidence=json.dumps(list(said.evidence), ensure_ascii=False),
        note=said.note,
    )
    writer = Writer(now, told=True)
    writer.cancel(seen.milestone_id)
    writer.talk(seen.milestone_id, obligation)
    writer.entries.append(_entry(journey.thread_id, caller, obligation, seen, done_at, said))
    if obligation.code in its.awaited:
        rows = rows_by_journey(await journeys.milestones_of(work, [journey.id]))
        changed, _ = relay_one(writer, journey, its, rows[journey.id], reckoner, dates)
        if changed is not None:
            await journeys.set_journeys(work, [changed])
    await writer.flush(work, waker)
    return await find_task(work, caller, now, task_id)


async def _seen(work: Work, caller: Caller, now: datetime, task_id: UUID) -> Any:
    scope = await scope_of(work, caller, "see_estate", now)
    try:
        overseen = await scope_of(work, caller, "oversee", now)
    except NotAllowed:
        overseen = []
    found = await tasks.task_seen(
        work,
        task_id,
        account_id=caller.account_id,
        scope=scope,
        overseen=overseen,
        today=local_date(now),
    )
    if found is None:
        raise NotFound()
    return found


async def _view(work: Work, row: Any) -> TaskView:
    its = await book_for(work, row)
    return TaskView(row, its.obligations[row.obligation])


def _check(
    obligation: Obligation,
    said: Done,
    done_at: datetime,
    now: datetime,
    reckoner: CalendarReckoner,
    since: Any,
) -> None:
    kinds = {item["kind"] for item in said.evidence}
    reached = sum(item["kind"] == "call" and item["reached"] for item in said.evidence)
    faults = done_faults(
        obligation,
        kinds,
        calls_that_reached=reached,
        called_at=[datetime.fromisoformat(item["when"]) for item in said.evidence if item["kind"] == "call"],
        noted=said.note is not None,
        now=now,
    )
    wrong_time = done_at_fault(
        done_at,
        said.late_reason,
        now=now,
        today=reckoner.day_of(now),
        day=reckoner.day_of(done_at),
        since=since,
    )
    if wrong_time is not None:
        faults = (*faults, wrong_time)
    if faults:
        raise Invalid("not_done_yet", faults=faults)


def _entry(
    thread_id: UUID, caller: Caller, obligation: Obligation, seen: Any, done_at: datetime, said: Done
) -> NewEntry:
    """The line of it. A late entry says so, with its reason; the line itself keeps both times (CT-45)."""
    body: dict[str, Any] = {
        "obligation": obligation.code,
        "occurrence": seen.occurrence.isoformat() if seen.occurrence else None,
        "due_on": seen.due_on.isoformat() if seen.due_on else None,
        "evidence": sorted({item["kind"] for item in said.evidence}),
        "late_reason": said.late_reason,
    }
    audience: Audience = "all" if obligation.owner_sees else "staff"
    return NewEntry(thread_id, "milestone_done", body, caller.account_id, audience, at=done_at)
