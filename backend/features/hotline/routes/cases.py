"""Cases: taking one in, one's own, the queue by clock, one of them and its clocks."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from backend.core.wire import Page
from backend.features.hotline import schemas, schemas_lists, service, telling, telling_lists
from backend.features.hotline.rules.states import State
from backend.features.hotline.rules.words import Category
from backend.platform.http.caller import SignedIn, Staff
from backend.platform.http.etags import version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router
from backend.platform.threads import Sight

cases = router(tag="cases")


@cases.post(
    "/cases",
    status_code=201,
    responses=problems(401, 403, 404, 409) | {200: {"description": "You opened it before"}},
)
async def open_case(
    request: Request,
    process: Here,
    work: Uow,
    caller: SignedIn,
    lang: Lang,
    asked: schemas.NewCase,
    response: Response,
) -> schemas.Case:
    """Bring a matter to the company: a complaint, a repair, an enquiry, an order of a service, a suggestion.

    It gets its number and its clocks at once, and the answer says by when what is promised. With a category it is
    dispatched to the position that answers for it; a repair goes on as a ticket. Whom it is about never sees it.
    """
    now = process.clock.now()
    sights: Mapping[str, Sight] = request.app.state.sights
    opened = await service.open_case(process, work, sights, caller, now, _wanted(asked))
    found = await service.find_case(work, caller, now, opened.id)
    response.status_code = 201 if opened.first else 200
    response.headers["etag"] = version_tag(found.row.version)
    alike = await service.alike(work, caller, now, found) if caller.kind == "staff" else ()
    return telling.case(found, caller, lang, alike)


@cases.get("/cases", responses=problems(401))
async def list_cases(
    work: Uow,
    caller: SignedIn,
    lang: Lang,
    live: Annotated[bool, Query(description="Only those that are not over.")] = False,
    ownership_id: Annotated[UUID | None, Query(description="Only of this home.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas_lists.ListedCase]:
    """My cases, the newest first: a household's of its homes; those that an employee has, or took in."""
    found = await service.my_cases(work, caller, ownership_id, cursor, limit, live=live)
    return page_of(
        found,
        limit,
        show=lambda one: telling_lists.listed(one, caller, lang),
        key=lambda one: (one.received_at, one.id),
    )


@cases.get("/cases/queue", responses=problems(401, 403))
async def list_cases_queued(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    clock: Annotated[
        schemas_lists.ClockOfCase | None, Query(description="Only what this clock is owed on.")
    ] = None,
    project_id: Annotated[UUID | None, Query(description="Only of this project.")] = None,
    category: Annotated[Category | None, Query(description="Only about this.")] = None,
    state: Annotated[State | None, Query(description="Only what stands so.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas_lists.QueuedCase]:
    """What is owed in my scope, by clock: the urgent first, then what is due first, with the chain that calls."""
    now = process.clock.now()
    filters = {"clock": clock, "project_id": project_id, "category": category, "state": state}
    found = await service.queue_page(work, caller, now, filters, cursor, limit)
    return page_of(
        found,
        limit,
        show=lambda one: telling_lists.queued(one, caller, lang, now),
        key=lambda one: (one.rank, one.next_due, one.id),
    )


@cases.get("/cases/intake", responses=problems(401, 403))
async def read_intake(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    phone: Annotated[str | None, Query(min_length=5, max_length=30, description="Who calls.")] = None,
    ownership_id: Annotated[UUID | None, Query(description="The home it is about.")] = None,
) -> schemas_lists.Intake:
    """Who calls, where they live, what is open there, and by when they would be called and answered.

    It may hold the matter that they call about: then there is nothing to open.
    """
    found = await service.calling(work, caller, process.clock.now(), phone, ownership_id)
    return telling_lists.intake(found, caller, lang)


@cases.get("/cases/{case_id}", responses=problems(401, 404))
async def read_case(
    process: Here, work: Uow, caller: SignedIn, lang: Lang, case_id: UUID, response: Response
) -> schemas.Case:
    """One case: what is promised by when and how it stands, whose it is, and what I can do now."""
    now = process.clock.now()
    found = await service.find_case(work, caller, now, case_id)
    response.headers["etag"] = version_tag(found.row.version)
    alike = await service.alike(work, caller, now, found) if caller.kind == "staff" else ()
    return telling.case(found, caller, lang, alike)


@cases.get("/cases/{case_id}/clocks", responses=problems(401, 404))
async def list_clocks_of_case(
    process: Here, work: Uow, caller: SignedIn, lang: Lang, case_id: UUID
) -> schemas_lists.ClocksOfCase:
    """What was promised, by when, and how it stands, in plain words; for staff also how it is counted (CT-05)."""
    counted = await service.clocks_counted(work, caller, process.clock.now(), case_id)
    return telling_lists.clocks(counted, caller, lang)


def _wanted(asked: schemas.NewCase) -> service.Asked:
    sent = asked.model_dump(exclude_unset=True, exclude_none=True)
    given = frozenset(name for name, value in sent.items() if value not in (False, [], {}))
    contact, repair = sent.pop("contact", {}), sent.pop("repair", None)
    return service.Asked(
        given=given,
        contact=service.Reached(**contact),
        repair=None if repair is None else service.Repair(**repair),
        **sent,
    )
