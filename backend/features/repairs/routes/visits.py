"""Times of a visit, offered and chosen by either side; an engineer's day."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from backend.core.clock import local_date
from backend.features.repairs import schemas_visits as schemas
from backend.features.repairs.rules.visits import Span
from backend.features.repairs.service import appointments, day
from backend.platform.http.caller import SignedIn, Staff
from backend.platform.http.etags import tagged
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

visits = router(tag="repairs")


@visits.get(
    "/engineers/me/day",
    response_model=schemas.Day,
    responses=problems(401, 403) | {304: {"description": "As the `ETag` you sent says: nothing has changed"}},
)
async def read_my_day(
    request: Request,
    process: Here,
    caller: Staff,
    on: Annotated[
        date | None, Query(ge=date(1990, 1, 1), le=date(2100, 1, 1), description="Left out: today.")
    ] = None,
) -> Response:
    """My day as an engineer: visits in order of time, then my live tickets without one in order of their clocks."""
    wanted = on or local_date(process.clock.now())
    return tagged(request, await day.day_of(process.direct, caller.account_id, wanted))


@visits.get("/tickets/{ticket_id}/appointments", responses=problems(401, 403, 404))
async def list_appointments(process: Here, work: Uow, caller: SignedIn, ticket_id: UUID) -> schemas.Visits:
    """What was offered and agreed for a ticket, the first first."""
    return _visits(await appointments.visits_of(work, caller, process.clock.now(), ticket_id))


@visits.post(
    "/tickets/{ticket_id}/appointment-offers", status_code=201, responses=problems(401, 403, 404, 409)
)
async def offer_times(
    process: Here, work: Uow, caller: SignedIn, ticket_id: UUID, asked: schemas.TimesOffered
) -> schemas.Offer:
    """Offer times for the next visit: the household, the engineer or the desk. It replaces what was offered."""
    times = [Span(one.starts_at, one.ends_at) for one in asked.times]
    now = process.clock.now()
    return _offer(await appointments.offer(work, caller, now, ticket_id, times, asked.words))


@visits.post(
    "/tickets/{ticket_id}/appointment-offers/{offer_id}/choice", responses=problems(401, 403, 404, 409)
)
async def choose_time(
    process: Here, work: Uow, caller: SignedIn, ticket_id: UUID, offer_id: UUID, asked: schemas.Chosen
) -> schemas.Visits:
    """Choose one of the times that the other side offers. The visit is agreed; one agreed before is moved."""
    now = process.clock.now()
    return _visits(await appointments.choose(process, work, caller, now, ticket_id, offer_id, asked.place))


@visits.post(
    "/tickets/{ticket_id}/appointment-offers/{offer_id}/refusal",
    status_code=204,
    responses=problems(401, 403, 404, 409),
)
async def decline_times(
    process: Here, work: Uow, caller: SignedIn, ticket_id: UUID, offer_id: UUID, asked: schemas.Declined
) -> None:
    """Say that none of the offered times suits. The other side is told."""
    await appointments.decline(work, caller, process.clock.now(), ticket_id, offer_id, asked.words)


def _visits(found: appointments.Visits) -> schemas.Visits:
    return schemas.Visits(
        ticket=found.ticket.id,
        offers=[_offer(one) for one in found.offers],
        appointments=[
            schemas.Appointment(
                id=one.id,
                number=one.number,
                engineer=one.engineer_id,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                agreed_by=one.agreed_by,
                agreed_at=one.agreed_at,
                outcome=one.outcome,
                ended_at=one.ended_at,
                reason=one.reason,
            )
            for one in found.appointments
        ],
        moved=found.ticket.appointments_moved,
        abortive=found.ticket.visits_abortive,
    )


def _offer(one: appointments.Offer) -> schemas.Offer:
    row = one.row
    return schemas.Offer(
        id=row.id,
        side=row.side,
        times=[schemas.Time(starts_at=span.starts_at, ends_at=span.ends_at) for span in one.times],
        words=row.words,
        made_by=row.made_by,
        made_at=row.made_at,
        answer=row.answer,
        answered_at=row.answered_at,
    )
