"""Clocks and bookings of visits in SQL, many at once."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text

from backend.db.work import Work
from backend.features.visits.models import Visit, VisitBooking
from backend.features.visits.rules.states import LIVE

_HOUSEHOLDS: Final = text(
    "SELECT v.id, array_agg(DISTINCT coalesce(m.account_id, v.contact_id)) AS accounts FROM visit v"
    " LEFT JOIN ownership o ON o.id = v.ownership_id AND o.ended_on IS NULL"
    " AND (v.subject_kind <> 'case' OR v.contact_id IS NULL)"
    " LEFT JOIN household_member m ON m.ownership_id = o.id AND m.ended_at IS NULL"
    " AND m.role = ANY (CAST(:household AS text[]))"
    " WHERE v.id = ANY (CAST(:ids AS uuid[])) AND (m.account_id IS NOT NULL OR v.subject_kind = 'case')"
    " AND coalesce(m.account_id, v.contact_id) IS NOT NULL GROUP BY v.id"
)
_UNWATCHED: Final = text(
    "SELECT v.id, v.kind FROM visit v WHERE v.state IN ('planned', 'booked') AND v.due_at IS NOT NULL"
    " AND v.breached_at IS NULL AND NOT EXISTS (SELECT FROM timer t WHERE t.kind = :kind AND t.key = v.id::text"
    " AND t.state IN ('pending', 'parked')) ORDER BY v.id LIMIT 100"
)
_UNATTENDED: Final = text(
    "SELECT b.id, b.visit_id FROM visit_booking b WHERE b.outcome IS NULL AND b.ends_at > app_now()"
    " AND NOT EXISTS (SELECT FROM timer t WHERE t.kind = :kind AND t.key = concat(b.id, chr(58), '0')"
    " AND t.state IN ('pending', 'parked')) ORDER BY b.id LIMIT 100"
)


async def lock_live(work: Work, ids: Sequence[UUID]) -> Sequence[Visit]:
    """Those of these visits that are still to be made, locked in the order of their ids."""
    wanted = select(Visit).where(Visit.id.in_(ids), Visit.state.in_(LIVE)).order_by(Visit.id)
    return (await work.scalars(wanted.with_for_update().execution_options(populate_existing=True))).all()


async def booked(
    work: Work, booking_ids: Sequence[UUID], household: Sequence[str]
) -> list[tuple[Visit, VisitBooking, list[UUID]]]:
    """Bookings that are to come or have just been, with their visit and whom it is for."""
    wanted = (
        select(Visit, VisitBooking)
        .join(VisitBooking, VisitBooking.visit_id == Visit.id)
        .where(VisitBooking.id.in_(booking_ids), VisitBooking.outcome.is_(None))
        .order_by(VisitBooking.id)
    )
    found = (await work.execute(wanted)).all()
    values = {"ids": [visit.id for visit, _ in found], "household": list(household)}
    people = {row.id: row.accounts for row in await work.execute(_HOUSEHOLDS, values)}
    return [(visit, booking, people.get(visit.id, [])) for visit, booking in found]


async def unwatched(work: Work, kind: str) -> Sequence[Any]:
    """Visits with a due time to come that nothing will look at; at most a hundred."""
    return (await work.execute(_UNWATCHED, {"kind": kind})).all()


async def unattended(work: Work, kind: str) -> Sequence[Any]:
    """Bookings to come that nothing will look at; at most a hundred."""
    return (await work.execute(_UNATTENDED, {"kind": kind})).all()
