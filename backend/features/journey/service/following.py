"""Journeys follow the estate: they begin with an ownership, move with its dates, end with it.

Everything here can be done again: what is as it should be stays untouched. The journeys are locked before the estate is
read, so of two who follow the same ownership the later one always sees the newer dates.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.service import (
    DatedOwnership,
    current_ownerships,
    dates_of_ownerships,
    project_dates,
    tell_ownerships_changed,
)
from backend.features.journey.repository import journeys
from backend.features.journey.rules.laying import Book, Place, derived_dates, uses_project_dates
from backend.features.journey.rules.revising import Change, Row, acts, moved_promises, revise
from backend.features.journey.rules.steps import current_step
from backend.features.journey.service.books import book, book_for
from backend.features.journey.service.loading import packed, rows_by_journey, unpacked
from backend.features.journey.service.reckoning import CalendarReckoner, reckoner_of
from backend.features.journey.service.writing import STEP, Where, Writer, told
from backend.features.standard.service import StoredStandard, standard_for
from backend.platform.outbox import Waker, enqueue
from backend.platform.threads import NewEntry, open_threads

JOURNEYS_FOLLOWED: Final = "journeys_followed"
"""The job that tells whoever goes by journeys that these ownerships have theirs, by their present dates."""

Cause = Literal["imported", "edited", "resale", "moved", "project"]


@dataclass(frozen=True, slots=True)
class Told:
    """Who moved the dates, and why: it stands in the line of every journey that moves with them."""

    actor_id: UUID | None
    reason: str | None
    cause: Cause


@dataclass(slots=True)
class _Project:
    """What the journeys of one project have in common."""

    id: UUID
    reckoner: CalendarReckoner
    dates: Mapping[str, date | None]
    standard: StoredStandard


async def follow_ownerships(
    work: Work, waker: Waker, now: datetime, ownership_ids: Sequence[UUID], why: Told
) -> None:
    """Begin, move and end the journeys of these ownerships, and what is owed once in their projects.

    Raises:
        Conflict: `standard_not_effective`, for a project whose standard has no version in effect.
    """
    present = {row.ownership_id: row for row in await journeys.journeys_of(work, ownership_ids)}
    owned = await dates_of_ownerships(work, ownership_ids)
    projects = {one: await _project(work, one, now) for one in sorted({one.project_id for one in owned})}
    standing = rows_by_journey(await journeys.milestones_of(work, [row.id for row in present.values()]))
    begun, moved = Writer(now, told=False), Writer(now, told=True)
    new = [one for one in owned if one.id not in present and one.ended_on is None]
    await _begin(work, begun, new, projects)
    changed = []
    for one in owned:
        if (row := present.get(one.id)) is not None and row.ended_at is None:
            project = projects[one.project_id]
            changed.append(await _move(work, moved, row, standing[row.id], one, project, why))
    await journeys.set_journeys(work, [one for one in changed if one is not None])
    for project in projects.values():
        await _follow_project(work, waker, moved, project, why)
    await begun.flush(work, waker)
    await moved.flush(work, waker)
    await enqueue(work, waker, JOURNEYS_FOLLOWED, {"ownership_ids": [str(one.id) for one in owned]})


async def follow_project(work: Work, waker: Waker, now: datetime, project_id: UUID, why: Told) -> None:
    """Move what is owed once in a project with the project's own dates."""
    moved = Writer(now, told=True)
    await _follow_project(work, waker, moved, await _project(work, project_id, now), why)
    await moved.flush(work, waker)


async def relay(work: Work, waker: Waker, now: datetime, journey_ids: Sequence[UUID]) -> None:
    """Lay out anew what hangs on what was done; the dates are as they were."""
    writer = Writer(now, told=True)
    rows = await journeys.journeys(work, journey_ids)
    standing = rows_by_journey(await journeys.milestones_of(work, [row.id for row in rows]))
    reckoners = {one: await reckoner_of(work, one) for one in {row.project_id for row in rows}}
    changed = []
    for row in rows:
        its = await book_for(work, row)
        changed.append(
            relay_one(writer, row, its, standing[row.id], reckoners[row.project_id], unpacked(row.dates))[0]
        )
    await journeys.set_journeys(work, [one for one in changed if one is not None])
    await writer.flush(work, waker)


def relay_one(
    writer: Writer,
    row: Any,
    its: Book,
    rows: Mapping[Place, Row],
    reckoner: CalendarReckoner,
    dates: Mapping[str, date],
    *,
    ended_at: datetime | None = None,
) -> tuple[dict[str, Any] | None, list[Change]]:
    """One journey from these dates: how its row stands then, None when that is as it was; and what changes in it."""
    changes = revise(
        its, rows, dates, reckoner, now=writer.now, laid_from=unpacked(row.dates), ended_at=ended_at
    )
    where = Where(row.id, row.project_id, row.node_id, row.thread_id, its)
    writer.write(where, changes)
    after = dict(rows) | {
        change.planned.place: Row(new_id(), change.planned, change.settled.state, change.settled.kept)
        for change in changes
    }
    standing = current_step(its.standard, its.of, dates, acts(after.values()), reckoner, writer.now)
    if standing.turns_at is not None and ended_at is None:
        writer.timer(STEP, row.id, standing.turns_at)
    if standing.step != row.step:
        body = {"from": row.step, "to": standing.step}
        writer.entries.append(NewEntry(row.thread_id, "step_entered", body, None))
    if (standing.step, packed(dates), ended_at) == (row.step, row.dates, row.ended_at):
        return None, changes
    step = {"id": row.id, "step": standing.step, "dates": json.dumps(packed(dates)), "ended_at": ended_at}
    return step, changes


async def _project(work: Work, project_id: UUID, now: datetime) -> _Project:
    reckoner = await reckoner_of(work, project_id)
    return _Project(
        project_id,
        reckoner,
        await project_dates(work, project_id),
        await standard_for(work, project_id, reckoner.day_of(now)),
    )


async def _begin(
    work: Work, writer: Writer, owned: Sequence[DatedOwnership], projects: Mapping[UUID, _Project]
) -> None:
    ids = {one.id: new_id() for one in owned}
    threads = await open_threads(work, "journey", list(ids.values())) if ids else {}
    rows = []
    for one in owned:
        project, journey_id = projects[one.project_id], ids[one.id]
        its = await book(work, project.standard.version_id, "ownership")
        dates = _dates(its, one, project)
        rows.append(
            _lay_out(
                writer,
                Where(journey_id, one.project_id, one.building_id, threads[journey_id], its),
                project,
                dates,
                ownership_id=one.id,
            )
        )
    await journeys.add_journeys(work, rows)


def _lay_out(
    writer: Writer, where: Where, project: _Project, dates: Mapping[str, date], *, ownership_id: UUID | None
) -> dict[str, Any]:
    """A new journey: its milestones go to the writer, its row is returned."""
    its, now = where.book, writer.now
    changes = revise(its, {}, dates, project.reckoner, now=now)
    writer.write(where, changes)
    done = {
        change.planned.place.obligation: done_at
        for change in changes
        if (done_at := change.settled.kept.done_at) is not None
    }
    standing = current_step(its.standard, its.of, dates, done, project.reckoner, now)
    if standing.turns_at is not None:
        writer.timer(STEP, where.journey_id, standing.turns_at)
    body = {
        "standard": project.standard.code,
        "version": project.standard.version,
        "step": standing.step,
        "dates": packed(dates),
    }
    writer.entries.append(NewEntry(where.thread_id, "journey_begun", body, None))
    return {
        "id": where.journey_id,
        "ownership_id": ownership_id,
        "project_id": where.project_id,
        "node_id": where.node_id,
        "standard_version_id": project.standard.version_id,
        "thread_id": where.thread_id,
        "step": standing.step,
        "dates": json.dumps(packed(dates)),
        "begun_at": now,
    }


async def _move(
    work: Work,
    writer: Writer,
    row: Any,
    rows: Mapping[Place, Row],
    one: DatedOwnership,
    project: _Project,
    why: Told,
) -> dict[str, Any] | None:
    its = await book_for(work, row)
    ended_at = writer.now if one.ended_on is not None else None
    dates = _dates(its, one, project)
    changed, changes = relay_one(writer, row, its, rows, project.reckoner, dates, ended_at=ended_at)
    if ended_at is not None:
        body: dict[str, Any] = {"cause": why.cause, "on": one.ended_on.isoformat() if one.ended_on else None}
        writer.entries.append(NewEntry(row.thread_id, "journey_ended", body, why.actor_id))
    elif packed(dates) != row.dates:
        writer.entries.append(_moved_entry(row, packed(dates), changes, why))
        _tell_moved(writer, row, list(moved_promises(changes)))
    return changed


def _tell_moved(writer: Writer, row: Any, moved: Sequence[Change]) -> None:
    if moved:
        writer.tell_of(row.id, row.thread_id, "promise_moved", writer.now.isoformat(), {"count": len(moved)})


def _moved_entry(row: Any, dates: Mapping[str, str], changes: Iterable[Change], why: Told) -> NewEntry:
    """Who, why, from, to; and which promises to the owner move with it."""
    names = sorted(row.dates.keys() | dates.keys())
    body = {
        "cause": why.cause,
        "reason": why.reason,
        "dates": {
            name: {"from": row.dates.get(name), "to": dates.get(name)}
            for name in names
            if row.dates.get(name) != dates.get(name)
        },
        "milestones": [
            told(change) | {"from": change.row.planned.due_on.isoformat()}
            for change in moved_promises(changes)
            if change.row is not None and change.row.planned.due_on is not None
        ],
    }
    return NewEntry(row.thread_id, "dates_moved", body, why.actor_id)


async def _follow_project(work: Work, waker: Waker, moved: Writer, project: _Project, why: Told) -> None:
    """The journey of the project itself, which has the project's id; begun with the first of its ownerships."""
    found = await journeys.journeys(work, [project.id])
    if not found:
        if await _begin_project(work, waker, moved.now, project):
            return
        found = await journeys.journeys(work, [project.id])
    [row] = found
    its = await book_for(work, row)
    dates = derived_dates(its.standard, project.dates, project.reckoner)
    if packed(dates) == row.dates:
        return
    rows = rows_by_journey(await journeys.milestones_of(work, [row.id]))
    changed, changes = relay_one(moved, row, its, rows[row.id], project.reckoner, dates)
    moved.entries.append(_moved_entry(row, packed(dates), changes, why))
    # What comes round every month has no day of its own to be kept: it begins and ends with the project's dates.
    single = [one for one in moved_promises(changes) if one.obligation.every is None]
    _tell_moved(moved, row, single)
    if changed is not None:
        await journeys.set_journeys(work, [changed])
    if uses_project_dates(its.standard):
        everybody = await current_ownerships(work, project.id)
        await tell_ownerships_changed(
            work, waker, everybody, actor_id=why.actor_id, reason=why.reason, cause="project"
        )


async def _begin_project(work: Work, waker: Waker, now: datetime, project: _Project) -> bool:
    """Whether it is we who begin it: whoever else is about to makes us wait, and then we are not."""
    threads = await open_threads(work, "journey", [project.id])
    its = await book(work, project.standard.version_id, "project")
    where = Where(project.id, project.id, project.id, threads[project.id], its)
    dates = derived_dates(its.standard, project.dates, project.reckoner)
    writer = Writer(now, told=False)
    row = _lay_out(writer, where, project, dates, ownership_id=None)
    if not await journeys.add_project_journey(work, row):
        return False
    await writer.flush(work, waker)
    return True


def _dates(its: Book, one: DatedOwnership, project: _Project) -> dict[str, date]:
    """An ownership's dates, and those of its project that it has none of its own for."""
    own = derived_dates(its.standard, one.dates, project.reckoner, one.of_home)
    if not uses_project_dates(its.standard):
        return own
    return {
        name: day for name, day in project.dates.items() if day is not None and name not in one.dates
    } | own
