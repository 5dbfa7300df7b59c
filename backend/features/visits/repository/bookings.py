"""Bookings of visits in SQL."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.visits.rules.states import REMIND, Outcome
from backend.platform.timers import cancel

BOOKING = "visit.booking"
"""The timer of a booking: reminders, and a look when it is over. Its key is `<booking>:<n>`; 0 is the look."""

_END = text(
    "UPDATE visit_booking SET outcome = :outcome, ended_at = :at, ended_by = coalesce(CAST(:by AS uuid), booked_by),"
    " words = CAST(:words AS text) WHERE visit_id = ANY (CAST(:ids AS uuid[])) AND outcome IS NULL RETURNING id"
)

_NOBODY = text("UPDATE visit_booking SET visitor_id = NULL WHERE visit_id = :id AND outcome IS NULL")


async def nobody_comes_yet(work: Work, visit_id: UUID) -> None:
    """What is booked for a visit stands, and who comes is to be said."""
    await work.execute(_NOBODY, {"id": visit_id})


async def end_bookings(
    work: Work,
    visit_ids: Sequence[UUID],
    outcome: Outcome,
    *,
    by: UUID | None,
    at: datetime,
    words: str | None = None,
) -> list[UUID]:
    """What was booked for these visits came to this; nobody is reminded of it any more."""
    values = {"ids": list(visit_ids), "outcome": outcome, "by": by, "at": at, "words": words}
    ended: list[UUID] = list((await work.execute(_END, values)).scalars())
    keys = [f"{one}:{place}" for one in ended for place in range(len(REMIND) + 1)]
    if keys:
        await cancel(work, BOOKING, keys)
    return ended
