"""Bookings of open days, in SQL. How many have a place in a slot, the database counts by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.progress.models import OpenDayBooking

_MINE = text(
    "SELECT DISTINCT ON (b.post_id) b.id, b.post_id, b.slot_id, b.ownership_id, b.persons, b.booked_at, b.cancelled_at,"
    " s.place, s.starts_at, s.ends_at FROM open_day_booking b JOIN open_day_slot s ON s.id = b.slot_id"
    " JOIN household_member m ON m.ownership_id = b.ownership_id AND m.ended_at IS NULL"
    " WHERE m.account_id = :account_id AND b.post_id = ANY (:ids) AND b.cancelled_at IS NULL ORDER BY b.post_id, b.id"
)
_ONE = text(
    "SELECT b.id, b.post_id, b.slot_id, b.ownership_id, b.account_id, b.persons, b.booked_at, b.cancelled_at,"
    " s.place, s.starts_at, s.ends_at FROM open_day_booking b JOIN open_day_slot s ON s.id = b.slot_id"
    " WHERE b.id = :id"
)
_SLOT = text(
    "SELECT s.id, s.place, s.starts_at, s.ends_at, s.capacity - s.booked AS left FROM open_day_slot s"
    " WHERE s.id = :id AND s.post_id = :post_id"
)
_CANCEL_ALL = text(
    "UPDATE open_day_booking SET cancelled_at = :now WHERE post_id = :post_id AND cancelled_at IS NULL"
)
_LIST = """SELECT b.id, b.slot_id, b.ownership_id, b.account_id, b.persons, b.booked_at, b.cancelled_at,
    s.place, s.starts_at, s.ends_at, a.name, a.phone, h.building, h.unit, h.room
    FROM open_day_booking b JOIN open_day_slot s ON s.id = b.slot_id JOIN account a ON a.id = b.account_id
    JOIN ownership o ON o.id = b.ownership_id JOIN home h ON h.id = o.home_id
    WHERE b.post_id = :post_id"""


async def slot(work: Work, post_id: UUID, slot_id: UUID) -> Any | None:
    """A slot of this open day: place, times, and how many places are `left`."""
    return (await work.execute(_SLOT, {"id": slot_id, "post_id": post_id})).one_or_none()


async def find(work: Work, booking_id: UUID) -> Any | None:
    """A booking with its slot's place and times."""
    return (await work.execute(_ONE, {"id": booking_id})).one_or_none()


async def locked(work: Work, booking_id: UUID) -> OpenDayBooking | None:
    """A booking, locked."""
    return await work.get(OpenDayBooking, booking_id, with_for_update=True, populate_existing=True)


async def of_account(work: Work, account_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """What the homes of an account have booked of these open days."""
    return {
        row.post_id: row for row in await work.execute(_MINE, {"account_id": account_id, "ids": list(ids)})
    }


async def cancel_all(work: Work, post_id: UUID, now: datetime) -> None:
    """The open day was taken back: nobody has a place."""
    await work.execute(_CANCEL_ALL, {"post_id": post_id, "now": now})


async def page(work: Work, post_id: UUID, after: UUID | None, limit: int) -> Sequence[Any]:
    """Who comes and who has cancelled, in clear: mask before staff see them."""
    values: dict[str, Any] = {"post_id": post_id, "limit": limit}
    more = ""
    if after is not None:
        more, values["after"] = " AND b.id > :after", after
    return (await work.execute(text(f"{_LIST}{more} ORDER BY b.id LIMIT :limit"), values)).all()
