"""Reading visits: a list by clock, and one of them with everything about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.db.work import Work
from backend.features.visits.models import VisitAnswer, VisitAttempt, VisitBooking, VisitFinding
from backend.features.visits.repository import visits as repository
from backend.features.visits.repository.visits import Which
from backend.features.visits.rules.answers import Sheet
from backend.features.visits.service.acting import HOUSEHOLD, SEE, sheet_for, standing


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit (`row`) with all that came of it. `makes`: the caller may make it; `whole`: sees the number to call."""

    row: Any
    sheet: Sheet
    bookings: Sequence[VisitBooking]
    attempts: Sequence[VisitAttempt]
    answers: Sequence[VisitAnswer]
    findings: Sequence[VisitFinding]
    makes: bool
    whole: bool


async def find_visit(work: Work, caller: Caller, now: datetime, visit_id: UUID) -> VisitView:
    """One visit.

    Raises:
        NotFound: there is none for this caller.
    """
    if not await repository.exists(work, visit_id):
        raise NotFound()
    found = await standing(work, caller, now, visit_id)
    row = await repository.row_of(work, visit_id)
    owner = caller.kind == "owner"
    return VisitView(
        row,
        await sheet_for(work, row.standard_version_id, row.kind, row.fitout),
        await repository.bookings_of(work, visit_id),
        await repository.attempts_of(work, visit_id),
        await repository.answers_of(work, visit_id),
        await repository.findings_of(work, visit_id),
        not owner and found.makes and caller.account_id not in row.barred,
        owner or row.visitor_id == caller.account_id,
    )


async def visits_page(
    work: Work, now: datetime, which: Which, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Any]:
    """A page of visits, the soonest due first: an owner's own; an employee's, or all they see."""
    return await repository.page(
        work,
        which,
        household=HOUSEHOLD,
        see=SEE,
        today=local_date(now),
        now=now,
        after=after,
        limit=limit,
    )
