"""Open days: booking a place, giving it back, and who comes."""

from uuid import UUID

from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.progress import schemas, service
from backend.features.progress.routes.showing import booking_shown
from backend.platform.http.caller import Owner, Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

open_days = router(tag="posts")


@open_days.post("/posts/{post_id}/bookings", status_code=201, responses=problems(401, 403, 404, 409))
async def book_open_day(
    process: Here, work: Uow, caller: Owner, post_id: UUID, asked: schemas.BookingAsked
) -> schemas.Booking:
    """Book a place and time of an open day for a home of mine. A home books once; to change, cancel and book anew."""
    wanted = service.Wanted(asked.id, asked.slot, asked.persons, asked.ownership)
    return booking_shown(await service.book(process, work, caller, process.clock.now(), post_id, wanted))


@open_days.delete(
    "/posts/{post_id}/bookings/{booking_id}", status_code=204, responses=problems(401, 403, 404, 409)
)
async def cancel_booking(process: Here, work: Uow, caller: Owner, post_id: UUID, booking_id: UUID) -> None:
    """Give a place of my home back, before it begins."""
    await service.cancel(work, caller, process.clock.now(), post_id, booking_id)


@open_days.get("/posts/{post_id}/bookings", responses=problems(401, 403, 404))
async def list_bookings(
    process: Here, work: Uow, caller: Staff, post_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[schemas.Visitor]:
    """Who comes to an open day, and who has cancelled. Names are cut and phones masked."""
    after = decode_cursor(cursor, tuple[UUID])
    post = await service.post_for(work, caller, process.clock.now(), post_id)
    found = await service.visitors(work, post, after[0] if after else None, limit + 1)
    return page_of(found, limit, show=_visitor, key=lambda one: (one.row.id,))


def _visitor(one: service.Reader) -> schemas.Visitor:
    row = one.row
    return schemas.Visitor(
        id=row.id,
        slot=row.slot_id,
        place=row.place,
        starts_at=row.starts_at,
        account=row.account_id,
        name=one.name,
        phone=one.phone,
        ownership=row.ownership_id,
        building=row.building,
        unit=row.unit,
        room=row.room,
        persons=row.persons,
        booked_at=row.booked_at,
        cancelled_at=row.cancelled_at,
    )
