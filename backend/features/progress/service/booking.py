"""Booking a place at an open day or an early viewing (S3-21, S3-28). The database lets no slot overflow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.people.service import mask_name, mask_phone, role_in
from backend.features.progress.models import OpenDayBooking, Post
from backend.features.progress.repository import bookings, posts
from backend.features.progress.repository.audience import SEE_POSTS
from backend.features.progress.service.reading import home_by_which
from backend.features.progress.service.receiving import Reader
from backend.features.progress.service.telling import tell_booked
from backend.platform.process import Process


@dataclass(frozen=True, slots=True)
class Wanted:
    """A place for so many persons. `id`: made by the client. `ownership_id` None: the caller's first home there."""

    id: UUID | None
    slot_id: UUID
    persons: int
    ownership_id: UUID | None


async def book(
    process: Process, work: Work, caller: Caller, now: datetime, post_id: UUID, wanted: Wanted
) -> Any:
    """Book a slot for a home of the caller's; asked again under the same id, it is the booking that there is.

    Raises:
        NotFound: no such open day for them.
        Invalid: `slot_unknown`, `ownership_unknown`.
        Conflict: `slot_over`, `slot_full`, `booked_already`, `booking_id_taken`.
    """
    homes = await home_by_which(process, caller, post_id)
    post = await posts.find(work, post_id)
    if post is None or post.kind != "open_day":
        raise NotFound()
    if wanted.ownership_id is not None and wanted.ownership_id not in homes:
        raise Invalid("ownership_unknown", field="ownership")
    if (present := await _asked_before(work, caller, wanted)) is not None:
        return present
    slot = await bookings.slot(work, post_id, wanted.slot_id)
    if slot is None:
        raise Invalid("slot_unknown", field="slot")
    if slot.starts_at <= now:
        raise Conflict("slot_over", field="slot")
    booking = OpenDayBooking(
        id=wanted.id or new_id(),
        post_id=post_id,
        slot_id=slot.id,
        ownership_id=wanted.ownership_id or homes[0],
        account_id=caller.account_id,
        persons=wanted.persons,
        booked_at=now,
    )
    try:
        async with work.begin_nested():
            work.add(booking)
    except IntegrityError as error:
        # The same request twice at one moment: the other was first.
        if (present := await _asked_before(work, caller, wanted)) is not None:
            return present
        said = str(error.orig)
        if "uq_open_day_booking_home" in said:
            raise Conflict("booked_already") from None
        if "ck_open_day_slot_capacity" in said:
            raise Conflict("slot_full", field="persons") from None
        raise
    made = await bookings.find(work, booking.id)
    await tell_booked(work, post, made)
    return made


async def _asked_before(work: Work, caller: Caller, wanted: Wanted) -> Any | None:
    present = None if wanted.id is None else await bookings.find(work, wanted.id)
    if present is None:
        return None
    told = (present.account_id, present.slot_id, present.persons)
    if told != (caller.account_id, wanted.slot_id, wanted.persons):
        raise Conflict("booking_id_taken", field="id")
    return present


async def cancel(work: Work, caller: Caller, now: datetime, post_id: UUID, booking_id: UUID) -> None:
    """Give a place back: anybody of the home who sees its posts may. Cancelled again, it stays cancelled.

    Raises:
        NotFound: no such booking of a home of theirs.
        Conflict: `slot_over`.
    """
    row = await bookings.find(work, booking_id)
    if row is None or row.post_id != post_id:
        raise NotFound()
    if await role_in(work, caller.account_id, row.ownership_id) not in SEE_POSTS:
        raise NotFound()
    if row.starts_at <= now:
        raise Conflict("slot_over")
    booking = await bookings.locked(work, booking_id)
    if booking is not None and booking.cancelled_at is None:
        booking.cancelled_at = now
        await work.flush()


async def visitors(work: Work, post: Post, after: UUID | None, limit: int) -> Sequence[Reader]:
    """Who comes to an open day, and who has cancelled."""
    return [
        Reader(row, row.name and mask_name(row.name), row.phone and mask_phone(row.phone))
        for row in await bookings.page(work, post.id, after, limit)
    ]
