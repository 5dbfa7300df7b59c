"""What happens by itself at a time: tasks arise, limits pass, journeys enter their next step.

A handler is given up to hundreds of timers at once and writes for all of them by a handful of statements. It waits for
nobody: a milestone or journey that somebody else holds is looked at again a moment later.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.db.work import Work
from backend.features.journey.repository import journeys
from backend.features.journey.rules.laying import Book, Place, plan
from backend.features.journey.rules.periods import next_first
from backend.features.journey.rules.revising import change_of, first_laid
from backend.features.journey.rules.standing import STAYS, settle
from backend.features.journey.rules.steps import current_step
from backend.features.journey.service.books import book_for
from backend.features.journey.service.loading import row_of, unpacked
from backend.features.journey.service.reckoning import CalendarReckoner, reckoner_of
from backend.features.journey.service.writing import MILESTONE, STEP, Where, Writer
from backend.platform.outbox import Waker, enqueue
from backend.platform.threads import NewEntry
from backend.platform.timers import DueTimer

RELAY: Final = "relay_journeys"
"""The job that lays out what hangs on something that was done by itself."""

_AGAIN: Final = timedelta(seconds=1)


async def turn_milestones(work: Work, waker: Waker, now: datetime, timers: Sequence[DueTimer]) -> None:
    """Milestones whose moment has come: due, late, missed, or run out; of what recurs, the next period is laid out."""
    ids = [UUID(timer.key) for timer in timers]
    found = await journeys.free_milestones(work, ids)
    writer = Writer(now, told=True)
    recurring = []
    waiting: set[UUID] = set()
    for one in found:
        its = await book_for(work, one)
        row, obligation = row_of(one), its.obligations.get(one.obligation)
        if obligation is None or row.state in STAYS:
            continue
        change = change_of(row, obligation, row.planned, now)
        if change is None:
            # Its day was moved while the timer was on its way.
            turns_at = settle(row.planned, obligation, row.kept, now).turns_at
            if turns_at is not None:
                writer.timer(MILESTONE, one.id, turns_at)
            continue
        writer.write(where_of(one, its), [change])
        if change.settled.state == "done" and one.obligation in its.awaited:
            waiting.add(one.journey_id)
        if row.state == "coming" and obligation.every is not None:
            recurring.append(one)
    if recurring:
        await lay_next(work, writer, recurring)
    _again(writer, MILESTONE, set(ids) - {one.id for one in found})
    await writer.flush(work, waker)
    if waiting:
        await enqueue(work, waker, RELAY, {"journey_ids": sorted(str(one) for one in waiting)})


async def enter_steps(work: Work, waker: Waker, now: datetime, timers: Sequence[DueTimer]) -> None:
    """Journeys that enter a step by the time that has passed since one of their dates."""
    ids = [UUID(timer.key) for timer in timers]
    found = await journeys.journeys(work, ids, passing_locked=True)
    writer = Writer(now, told=True)
    done = await _done(work, [one.id for one in found])
    reckoners = await _reckoners(work, found)
    changed = []
    for one in found:
        if one.ended_at is not None:
            continue
        its = await book_for(work, one)
        standing = current_step(
            its.standard, its.of, unpacked(one.dates), done[one.id], reckoners[one.project_id], now
        )
        if standing.turns_at is not None:
            writer.timer(STEP, one.id, standing.turns_at)
        if standing.step != one.step:
            changed.append(
                {"id": one.id, "step": standing.step, "dates": json.dumps(one.dates), "ended_at": None}
            )
            body = {"from": one.step, "to": standing.step}
            writer.entries.append(NewEntry(one.thread_id, "step_entered", body, None))
    await journeys.set_journeys(work, changed)
    _again(writer, STEP, set(ids) - {one.id for one in found})
    await writer.flush(work, waker)


async def lay_next(work: Work, writer: Writer, opened: Sequence[Any]) -> None:
    """Lay out the periods after each of these, which have just come due, as far as one that is still to come.

    One ahead, never more; where a whole period has passed since, what was owed then was promised when the one before it
    came due, and is late.
    """
    done = await _done(work, [one.journey_id for one in opened])
    reckoners = await _reckoners(work, opened)
    before = [(one, one.occurrence, one.opens_at) for one in opened]
    while before:
        wanted = []
        for one, occurrence, opens_at in before:
            its = await book_for(work, one)
            period = its.obligations[one.obligation].every
            assert period is not None
            place = Place(one.obligation, next_first(period, occurrence))
            wanted.append((one, its, place, min(opens_at, writer.now)))
        present = await journeys.present_places(
            work, [(one.journey_id, *place) for one, _, place, _ in wanted]
        )
        before = []
        for one, its, place, promised_at in wanted:
            if (one.journey_id, *place) in present:
                continue
            obligation = its.obligations[place.obligation]
            planned = plan(
                obligation, place, unpacked(one.dates), done[one.journey_id], reckoners[one.project_id]
            )
            if not planned.applies:
                continue
            change = first_laid(obligation, planned, promised_at, writer.now)
            writer.write(where_of(one, its), [change])
            if change.settled.state != "coming":
                before.append((one, place.occurrence, planned.opens_at))


def where_of(one: Any, its: Book) -> Where:
    """Where a milestone stands that was read with what is needed of its journey."""
    return Where(one.journey_id, one.project_id, one.node_id, one.thread_id, its)


async def _done(work: Work, journey_ids: Sequence[UUID]) -> Mapping[UUID, dict[str, datetime]]:
    done: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    for row in await journeys.done_in(work, journey_ids):
        done[row.journey_id][row.obligation] = row.done_at
    return done


async def _reckoners(work: Work, found: Iterable[Any]) -> dict[UUID, CalendarReckoner]:
    return {one: await reckoner_of(work, one) for one in sorted({row.project_id for row in found})}


def _again(writer: Writer, kind: str, passed: Iterable[UUID]) -> None:
    for one in passed:
        writer.timer(kind, one, writer.now + _AGAIN)
