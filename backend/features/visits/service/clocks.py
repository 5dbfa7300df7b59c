"""The clock of a visit, and the reminders of its booking: looked at when their time has come, many at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.core.locale import LOCALES, say
from backend.db.work import Work
from backend.features.notices.service import About, Telling, tell_many
from backend.features.visits.models import Visit
from backend.features.visits.repository import clocks as repository
from backend.features.visits.rules.states import next_look
from backend.features.visits.service.acting import HOUSEHOLD, desks_of, in_each_language, spoken
from backend.features.visits.service.planning import SUBJECT, clock_timers
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append_many
from backend.platform.timers import DueTimer, schedule_many


async def look_at_clocks(work: Work, waker: Waker, now: datetime, timers: Sequence[DueTimer]) -> None:
    """Tell the desk of a visit that is nearly due, and of one that is late: nothing is late in silence.

    Of a complaint and of a repair the chain of their own clock (C5) goes on beside it.
    """
    found = await repository.lock_live(work, [UUID(one.key) for one in timers])
    late = [one for one in found if one.due_at is not None and one.due_at <= now and one.breached_at is None]
    near = [
        one
        for one in found
        if one.due_at is not None
        and one.due_at > now
        and one.warned_at is None
        and next_look(one.planned_at, one.due_at, now=now) == one.due_at
    ]
    for one in late:
        one.breached_at = one.due_at
    for one in near:
        one.warned_at = now
    await work.flush()
    desks = await desks_of(work, now, [*late, *near])
    entries = [
        line
        for one in late
        for line in (
            NewEntry(one.thread_id, "visit_late", {"due_at": _told(one)}, None),
            NewEntry(one.thread_id, "visit_late_told", {"told": [*map(str, desks[one.id])]}, None, "staff"),
        )
    ]
    await append_many(work, entries)
    await schedule_many(work, waker, clock_timers([one for one in found if one not in late], now))
    await tell_many(
        work,
        [
            _telling(one, desks[one.id], word)
            for word, some in (("late", late), ("due", near))
            for one in some
            if desks[one.id]
        ],
    )


async def remind(work: Work, now: datetime, timers: Sequence[DueTimer]) -> None:
    """Both sides are reminded of a booked visit; when it is over and nothing is recorded, who makes it is asked."""
    numbers = {UUID(key): int(place) for key, _, place in (one.key.partition(":") for one in timers)}
    found = await repository.booked(work, list(numbers), HOUSEHOLD)
    desks = await desks_of(work, now, [visit for visit, _, _ in found])
    tellings = []
    for visit, booking, household in found:
        about = About(SUBJECT, visit.id, visit.thread_id)
        day, place = spoken(booking.starts_at), numbers[booking.id]
        key = f"visit:{visit.id}:{booking.id}:{place}"
        desk = [booking.visitor_id] if booking.visitor_id is not None else desks[visit.id]
        if place == 0:
            what = in_each_language("visit.told_unattended", day=day)
            tellings.append(Telling("return_visit_clock", desk, {"what": what}, about, key))
        else:
            people = sorted({*household, *desk})
            tellings.append(Telling("return_visit_soon", people, {"day": day}, about, key))
    await tell_many(work, [one for one in tellings if one.accounts])


def _telling(visit: Visit, desk: Sequence[UUID], word: str) -> Telling:
    day = spoken(visit.due_at) if visit.due_at is not None else ""
    what: dict[str, str] = {
        locale: say(locale, f"visit.told_{word}", kind=say(locale, f"visit.kind_{visit.kind}"), day=day)
        for locale in LOCALES
    }
    about = About(SUBJECT, visit.id, visit.thread_id)
    key = f"visit:{visit.id}:{word}:{_told(visit)}"
    return Telling("return_visit_clock", desk, {"what": what}, about, key)


def _told(visit: Visit) -> str | None:
    return None if visit.due_at is None else visit.due_at.isoformat()
