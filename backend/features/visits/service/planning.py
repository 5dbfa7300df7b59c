"""Planning visits, and letting them go: called by whoever owes one, in the transaction that makes it owed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.visits.models import Visit
from backend.features.visits.repository import planning as repository
from backend.features.visits.repository.bookings import end_bookings, nobody_comes_yet
from backend.features.visits.rules.kinds import MAKES, Kind
from backend.features.visits.rules.states import Void, next_look
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append_many, open_threads
from backend.platform.timers import NewTimer, cancel, schedule_many

SUBJECT: Final = "visit"
"""The kind of subject a visit is to its thread, its photos and those who are told of it."""

CLOCK: Final = "visit.clock"
"""The timer at which the clock of a visit is looked at; its key is the visit's id."""

SubjectKind = Literal["milestone", "ticket", "case", "home"]


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit that is owed.

    `subject_kind`, `subject_id`: what it is about; a `case` is hotline's, a `milestone` the journey's, a `ticket` that
    of repairs, a `home` an ownership by itself. `node_id`: the nearest node of the tree. `ownership_id` None: a common
    part, or nobody known. `contact_id`: the account to reach; without one `contact_name` and `contact_phone` as noted.
    `due_at` None: the method gives no time. `barred`: they handled the matter and cannot make it (CT-30); planned anew,
    more are only added. `role`: who makes it; None: as `rules.kinds.MAKES` has it.
    `planned_by`: who asked for it; None: it arose by itself.
    """

    kind: Kind
    subject_kind: SubjectKind
    subject_id: UUID
    node_id: UUID
    ownership_id: UUID | None
    due_at: datetime | None
    contact_id: UUID | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    barred: frozenset[UUID] = frozenset()
    standard_version_id: UUID | None = None
    role: str | None = None
    planned_by: UUID | None = None


async def plan(work: Work, waker: Waker, now: datetime, planned: Planned) -> UUID:
    """Have a visit made; returns its id. Planned before and still to be made: it moves to the new due time."""
    return (await plan_many(work, waker, now, [planned]))[0]


async def plan_many(work: Work, waker: Waker, now: datetime, planned: Sequence[Planned]) -> list[UUID]:
    """`plan` for many, of which no two have the same subject and kind."""
    standing = {
        (one.subject_kind, one.subject_id, one.kind): one
        for one in await repository.live_of(work, {(one.subject_kind, one.subject_id) for one in planned})
    }
    made: list[Visit] = []
    new: dict[UUID, Planned] = {}
    entries: list[NewEntry] = []
    for one in planned:
        there = standing.get((one.subject_kind, one.subject_id, one.kind))
        if there is None:
            id_ = new_id()
            new[id_] = one
            continue
        made.append(there)
        there.barred = sorted({*there.barred, *one.barred})
        await _take_back(work, there, one.barred)
        if there.due_at != one.due_at:
            body = {"from": _told(there.due_at), "to": _told(one.due_at)}
            entries.append(NewEntry(there.thread_id, "visit_due_moved", body, one.planned_by))
            there.due_at, there.first_due_at = one.due_at, there.first_due_at or one.due_at
            there.warned_at = there.breached_at = None
    threads = await open_threads(work, SUBJECT, list(new))
    for id_, one in new.items():
        visit = _visit(id_, threads[id_], one, now)
        made.append(visit)
        work.add(visit)
        body = {"kind": one.kind, "due_at": _told(one.due_at), "visit": str(id_)}
        entries.append(NewEntry(visit.thread_id, "visit_planned", body, one.planned_by))
    await work.flush()
    await append_many(work, entries)
    await schedule_many(work, waker, clock_timers(made, now))
    by_place = {(one.subject_kind, one.subject_id, one.kind): one.id for one in made}
    return [by_place[one.subject_kind, one.subject_id, one.kind] for one in planned]


async def void(
    work: Work,
    now: datetime,
    subjects: Collection[tuple[SubjectKind, UUID]],
    why: Void,
    *,
    by: UUID | None = None,
) -> int:
    """The visits about these subjects that were still to be made are made no more. Returns how many."""
    found = await repository.live_of(work, subjects) if subjects else ()
    for one in found:
        one.state, one.voided_at, one.void_why = "void", now, why
    if found:
        await end_bookings(work, [one.id for one in found], "called_off", by=by, at=now)
        await work.flush()
        await append_many(work, [NewEntry(one.thread_id, "visit_void", {"why": why}, by) for one in found])
        await cancel(work, CLOCK, [str(one.id) for one in found])
    return len(found)


async def bar(work: Work, subject_kind: SubjectKind, subject_id: UUID, accounts: Collection[UUID]) -> None:
    """These have handled the matter since, and cannot visit about it (CT-30). A visit that was theirs is open again."""
    for one in await repository.live_of(work, {(subject_kind, subject_id)}):
        one.barred = sorted({*one.barred, *accounts})
        await _take_back(work, one, accounts)
    await work.flush()


async def hide(work: Work, subject_kind: SubjectKind, subject_id: UUID, accounts: Collection[UUID]) -> None:
    """A subject is about these: they make no visit about it, and see none, also of those that are made already."""
    await repository.hide(work, subject_kind, subject_id, accounts)
    await bar(work, subject_kind, subject_id, accounts)


async def _take_back(work: Work, visit: Visit, barred: Collection[UUID]) -> None:
    """A visit that was given to one of these is nobody's; its booking stays for whoever comes."""
    if visit.visitor_id in barred:
        visit.visitor_id = None
        await nobody_comes_yet(work, visit.id)


def clock_timers(visits: Sequence[Visit], now: datetime) -> list[NewTimer]:
    """The timers at which visits with a due time are looked at next."""
    return [
        NewTimer(CLOCK, str(one.id), next_look(one.planned_at, one.due_at, now=now), {})
        for one in visits
        if one.due_at is not None and one.breached_at is None
    ]


def _visit(id_: UUID, thread_id: UUID, one: Planned, now: datetime) -> Visit:
    return Visit(
        id=id_,
        kind=one.kind,
        subject_kind=one.subject_kind,
        subject_id=one.subject_id,
        node_id=one.node_id,
        ownership_id=one.ownership_id,
        contact_id=one.contact_id,
        contact_name=one.contact_name,
        contact_phone=one.contact_phone,
        thread_id=thread_id,
        standard_version_id=one.standard_version_id,
        role=one.role or MAKES[one.kind].role,
        barred=sorted(one.barred),
        state="planned",
        planned_by=one.planned_by,
        planned_at=now,
        due_at=one.due_at,
        first_due_at=one.due_at,
        # Late before anybody could plan it: that was told where it was owed, and is not told once more.
        breached_at=one.due_at if one.due_at is not None and one.due_at <= now else None,
    )


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
