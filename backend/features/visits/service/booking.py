"""Booking a visit: by its household or by who makes it; moved, called off, given to somebody, come to nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid, NotAllowed
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.visits.models import VisitAttempt, VisitBooking
from backend.features.visits.repository import visits as repository
from backend.features.visits.repository.bookings import BOOKING, end_bookings
from backend.features.visits.rules.kinds import MAKES, Mode
from backend.features.visits.rules.states import reminders, span_fault
from backend.features.visits.service.acting import MAKE, Acting, acting_on, spoken
from backend.features.visits.service.visited import Visiteds
from backend.platform.process import Process
from backend.platform.timers import NewTimer, schedule_many


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time for a visit. `visitor_id`: who makes it, by staff; None: who has it, or nobody yet."""

    starts_at: datetime
    ends_at: datetime
    mode: Mode
    visitor_id: UUID | None = None
    words: str | None = None


async def book(
    process: Process,
    work: Work,
    caller: Caller,
    now: datetime,
    visit_id: UUID,
    wanted: Wanted,
    version: int | None,
) -> None:
    """Book a visit for a time; what was booked before is moved. The other side is told.

    Raises:
        NotFound, NotAllowed, Conflict: as `acting_on`, `require_maker`; `visit_over`, `visitor_busy`.
        Invalid: see `rules.states.span_fault`; `at_home_only`, `only_for_staff`, `visitor_unknown`.
    """
    act = await acting_on(process, work, caller, now, visit_id, version)
    act.require_live()
    if caller.kind == "staff":
        act.require_maker()
    elif wanted.visitor_id is not None:
        raise Invalid("only_for_staff", field="visitor_id")
    if MAKES[act.visit.kind].house and wanted.mode != "house":
        raise Invalid("at_home_only", field="mode")
    if fault := span_fault(wanted.starts_at, wanted.ends_at, now=now):
        raise Invalid(fault.code, field=fault.field, **fault.params)
    if wanted.visitor_id is not None:
        await _require_may_make(act, wanted.visitor_id)
    moved = await end_bookings(work, [visit_id], "moved", by=caller.account_id, at=now)
    visitor = wanted.visitor_id or act.visit.visitor_id
    booking = VisitBooking(
        id=new_id(),
        visit_id=visit_id,
        mode=wanted.mode,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        visitor_id=visitor,
        booked_by=caller.account_id,
        booked_at=now,
    )
    act.visit.state, act.visit.visitor_id = "booked", visitor
    await _write(act, booking)
    body = {
        "starts_at": wanted.starts_at.isoformat(),
        "ends_at": wanted.ends_at.isoformat(),
        "mode": wanted.mode,
        "moved": bool(moved),
        "words": wanted.words,
    }
    act.note("visit_booked", body)
    told = await act.other_side()
    if visitor is not None:
        told = [*told, visitor]
    act.tell(told, f"booked:{booking.id}", "booked", day=spoken(wanted.starts_at))
    timers = [
        NewTimer(BOOKING, f"{booking.id}:{place}", at, {})
        for place, at in enumerate(reminders(wanted.starts_at, now=now), 1)
    ]
    await schedule_many(
        work, process.waker, [NewTimer(BOOKING, f"{booking.id}:0", wanted.ends_at, {}), *timers]
    )
    await act.settle()


async def give(
    process: Process, work: Work, caller: Caller, now: datetime, visit_id: UUID, to: UUID, version: int | None
) -> None:
    """Give a visit to somebody who makes it, oneself among them.

    Raises:
        NotFound, NotAllowed, Conflict: as `acting_on`, `require_maker`; `visit_over`, `visitor_busy`.
        Invalid: `visitor_unknown`.
    """
    act = await acting_on(process, work, caller, now, visit_id, version)
    act.require_live()
    # Whoever handled the matter may still say who goes.
    if not act.makes and caller.account_id not in act.visit.barred:
        raise NotAllowed("not_your_visit")
    await _require_may_make(act, to)
    act.visit.visitor_id = to
    booking = await repository.booking_to_come(work, visit_id)
    if booking is not None:
        booking.visitor_id = to
        await _write(act, booking)
    act.note("visit_given", {"to": str(to)})
    act.tell([to], f"given:{act.visit.version}:{to}", "given")
    await act.settle()


async def call_off(
    process: Process,
    work: Work,
    caller: Caller,
    now: datetime,
    visit_id: UUID,
    reason: str,
    version: int | None,
) -> None:
    """What was booked does not take place; the visit itself is still owed.

    Raises:
        NotFound, NotAllowed, Conflict: as `acting_on`, `require_maker`; `visit_over`, `not_booked`.
    """
    act = await acting_on(process, work, caller, now, visit_id, version)
    booking = await _booked(act)
    await end_bookings(work, [visit_id], "called_off", by=caller.account_id, at=now, words=reason)
    act.visit.state = "planned"
    act.note("visit_called_off", {"reason": reason})
    day = spoken(booking.starts_at)
    act.tell(await act.other_side(), f"off:{booking.id}", "called_off", day=day)
    await act.settle()


async def come_to_nothing(
    process: Process,
    work: Work,
    caller: Caller,
    now: datetime,
    visit_id: UUID,
    absent: Literal["owner", "visitor"],
    words: str,
    version: int | None,
    visiteds: Visiteds,
) -> None:
    """Somebody was not there at the booked time: it stands on record, and the visit is still owed.

    Of the owner only employees say so, and not before the time has begun; of the visitor not before it is over.

    Raises:
        NotFound, NotAllowed, Conflict: as `acting_on`, `require_maker`; `visit_over`, `not_booked`, `visit_not_begun`,
        `visit_not_over`.
        Invalid: `only_for_staff`.
    """
    act = await acting_on(process, work, caller, now, visit_id, version)
    booking = await _booked(act)
    if absent == "owner":
        if caller.kind == "owner":
            raise Invalid("only_for_staff", field="absent")
        if now < booking.starts_at:
            raise Conflict("visit_not_begun")
        way = "door" if booking.mode == "house" else "phone"
        work.add(
            VisitAttempt(
                id=new_id(),
                visit_id=visit_id,
                by_id=caller.account_id,
                way=way,
                reached=False,
                words=words,
                at=now,
                recorded_at=now,
            )
        )
        if handler := visiteds.get(act.visit.subject_kind):
            await handler.missed(work, process, caller, now, act.visit.subject_id, words)
    elif now < booking.ends_at:
        raise Conflict("visit_not_over")
    outcome: Literal["owner_absent", "visitor_absent"] = (
        "owner_absent" if absent == "owner" else "visitor_absent"
    )
    await end_bookings(work, [visit_id], outcome, by=caller.account_id, at=now, words=words)
    act.visit.state = "planned"
    act.note("visit_no_show", {"absent": absent, "words": words})
    day = spoken(booking.starts_at)
    act.tell(await act.other_side(), f"missed:{booking.id}", f"missed_by_{absent}", day=day)
    await act.settle()


async def _booked(act: Acting) -> VisitBooking:
    act.require_live()
    if act.caller.kind == "staff":
        act.require_maker()
    booking = await repository.booking_to_come(act.work, act.visit.id)
    if booking is None:
        raise Conflict("not_booked")
    return booking


async def _require_may_make(act: Acting, account_id: UUID) -> None:
    if account_id in act.visit.barred:
        raise Conflict("handler_may_not_visit", field="visitor_id")
    if not await repository.may_make(act.work, act.visit.id, account_id, MAKE, local_date(act.now)):
        raise Invalid("visitor_unknown", field="visitor_id")


async def _write(act: Acting, booking: VisitBooking) -> None:
    try:
        async with act.work.begin_nested():
            act.work.add(booking)
            await act.work.flush()
    except IntegrityError as error:
        if "ex_visit_booking_one_place_at_a_time" not in str(error.orig):
            raise
        raise Conflict("visitor_busy", field="starts_at") from None
