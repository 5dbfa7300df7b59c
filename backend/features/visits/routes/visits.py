"""Visits: whose, by when; planning one; booking it, by its household or by who makes it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from backend.core.caller import Caller
from backend.core.locale import Locale
from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.db.work import Work
from backend.features.visits import schemas, service, telling
from backend.features.visits.rules.kinds import Kind
from backend.platform.http.caller import SignedIn, Staff
from backend.platform.http.etags import version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router
from backend.platform.process import Process

visits = router(tag="visits")

_NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


@visits.get("/visits", responses=problems(401))
async def list_visits(
    process: Here,
    work: Uow,
    caller: SignedIn,
    lang: Lang,
    mine: Annotated[bool, Query(description="An employee's: those I am to make; false: all I see.")] = True,
    live: Annotated[
        bool | None, Query(description="Only those still to be made, or only those that are over.")
    ] = None,
    kind: Annotated[Kind | None, Query(description="Only of this kind.")] = None,
    overdue: Annotated[
        bool | None, Query(description="Only those whose time has passed, or has not.")
    ] = None,
    node: Annotated[UUID | None, Query(description="Only at and below this node.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.ListedVisit]:
    """Visits, the soonest due first: an owner's of their homes; an employee's own, or all in their scope.

    A visit is mine when it was given me, or when nobody has it and I hold its role nearest to the home today.
    """
    after = decode_cursor(cursor, tuple[datetime, UUID])
    now = process.clock.now()
    which = service.Which(caller.account_id, caller.kind == "owner", mine, live, kind, overdue, node)
    found = await service.visits_page(work, now, which, after, limit + 1)
    return page_of(
        found,
        limit,
        show=lambda row: telling.listed(
            row, now, lang, whole=caller.kind == "owner" or row.visitor_id == caller.account_id
        ),
        key=lambda row: (row.due_at or _NEVER, row.id),
    )


@visits.post("/visits", status_code=201, responses=problems(401, 403))
async def plan_visit(
    process: Here, work: Uow, caller: Staff, lang: Lang, asked: schemas.VisitAsked, response: Response
) -> schemas.Visit:
    """Plan a visit of a home by hand: of delivery, daily living or by season the method gives no time (GP-23, GP-24).

    What the home's journey owes already is that visit, and no second one.
    """
    wanted = service.Asked(**asked.model_dump())
    id_ = await service.ask_for(work, process.waker, caller, process.clock.now(), wanted)
    return await told(process, work, caller, lang, id_, response)


@visits.get("/visits/{visit_id}", responses=problems(401, 404))
async def read_visit(
    process: Here, work: Uow, caller: SignedIn, lang: Lang, visit_id: UUID, response: Response
) -> schemas.Visit:
    """One visit: what it asks, its bookings and tries, what was answered and found."""
    return await told(process, work, caller, lang, visit_id, response)


@visits.post("/visits/{visit_id}/book", responses=problems(401, 403, 404, 409))
async def book_visit(
    process: Here,
    work: Uow,
    caller: SignedIn,
    lang: Lang,
    visit_id: UUID,
    asked: schemas.VisitBooked,
    response: Response,
) -> schemas.Visit:
    """Book a time: the household, or who makes the visit. What was booked before is moved; the other side is told."""
    wanted = service.Wanted(**asked.model_dump(exclude={"base_version"}))
    now = process.clock.now()
    await service.book(process, work, caller, now, visit_id, wanted, asked.base_version)
    return await told(process, work, caller, lang, visit_id, response)


@visits.post("/visits/{visit_id}/call-off", responses=problems(401, 403, 404, 409))
async def call_off_visit(
    process: Here,
    work: Uow,
    caller: SignedIn,
    lang: Lang,
    visit_id: UUID,
    asked: schemas.VisitCalledOff,
    response: Response,
) -> schemas.Visit:
    """Call off what was booked; the visit is still owed, and its clock goes on."""
    now = process.clock.now()
    await service.call_off(process, work, caller, now, visit_id, asked.reason, asked.base_version)
    return await told(process, work, caller, lang, visit_id, response)


@visits.post("/visits/{visit_id}/visitor", responses=problems(401, 403, 404, 409))
async def give_visit(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    visit_id: UUID,
    asked: schemas.VisitGiven,
    response: Response,
) -> schemas.Visit:
    """Say who makes it. Nobody who handled the matter can (CT-30)."""
    now = process.clock.now()
    await service.give(process, work, caller, now, visit_id, asked.account_id, asked.base_version)
    return await told(process, work, caller, lang, visit_id, response)


async def told(
    process: Process, work: Work, caller: Caller, lang: Locale, visit_id: UUID, response: Response
) -> schemas.Visit:
    """A visit as it stands now."""
    now = process.clock.now()
    found = await service.find_visit(work, caller, now, visit_id)
    response.headers["etag"] = version_tag(found.row.version)
    return telling.visit(found, now, lang, owner=caller.kind == "owner")
