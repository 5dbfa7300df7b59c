"""Tickets: reporting a repair, one's own, one of them, and every move on it."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from backend.core.wire import Line
from backend.features.repairs import schemas, service, telling
from backend.platform.http.caller import SignedIn
from backend.platform.http.etags import holding, shape_of, under_tag, version_tag
from backend.platform.http.paging import Cursor, Limit
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router
from backend.platform.threads import Sight

tickets = router(tag="tickets")

_SHAPE = shape_of(schemas.Tickets)


@tickets.post(
    "/tickets",
    status_code=201,
    responses=problems(401, 403, 404, 409) | {200: {"description": "You opened it before"}},
)
async def open_ticket(
    request: Request,
    process: Here,
    work: Uow,
    caller: SignedIn,
    lang: Lang,
    asked: schemas.NewTicket,
    response: Response,
) -> schemas.Ticket:
    """Report a repair at home, or for somebody who calls.

    At once it has its one engineer, who stays with it to the end; what the warranty covers is kept as it stands today;
    the clocks of the standard run, and the answer says by when what is promised.
    """
    now = process.clock.now()
    sights: Mapping[str, Sight] = request.app.state.sights
    wanted = service.Asked(
        **asked.model_dump(exclude={"suits"}), suits=[one.model_dump(mode="json") for one in asked.suits]
    )
    opened = await service.open_ticket(process, work, sights, caller, now, wanted)
    found = await service.find_opened(work, caller, now, opened)
    response.status_code = 200 if opened.new is None else 201
    response.headers["etag"] = version_tag(found.row.version)
    return telling.ticket(process, found, caller, lang)


@tickets.get(
    "/tickets",
    response_model=schemas.Tickets,
    responses=problems(401) | {304: {"description": "As the `ETag` you sent says: nothing has changed"}},
)
async def list_tickets(
    request: Request,
    process: Here,
    caller: SignedIn,
    lang: Lang,
    live: Annotated[bool, Query(description="Only those that are not over.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """My tickets, the newest first: a household's of its homes; an engineer's own."""
    tag, page = await service.my_tickets(
        process.direct,
        caller,
        lang,
        live=live,
        cursor=cursor,
        limit=limit,
        shape=_SHAPE,
        holds=holding(request),
    )
    return under_tag(tag, page)


@tickets.get("/tickets/alike", responses=problems(401, 403))
async def list_tickets_alike(
    process: Here,
    work: Uow,
    caller: SignedIn,
    ownership_id: UUID,
    component: Annotated[schemas.Component, Query(description="What it is about.")],
    place: Annotated[Line | None, Query(description="Where it is, in the same words.")] = None,
) -> schemas.Duplicates:
    """What was reported of the home in the last thirty days that may be the same: to be looked at before reporting."""
    now = process.clock.now()
    found = await service.alike(work, caller, now, ownership_id, component, place or "")
    return schemas.Duplicates(items=[schemas.Alike.model_validate(one) for one in found])


@tickets.get("/tickets/{ticket_id}", responses=problems(401, 404))
async def read_ticket(
    process: Here, work: Uow, caller: SignedIn, lang: Lang, ticket_id: UUID, response: Response
) -> schemas.Ticket:
    """One ticket: engineer, promises, the four ticks, evidence, and what I can do now. Its lines are its thread's."""
    found = await service.find_ticket(work, caller, process.clock.now(), ticket_id)
    response.headers["etag"] = version_tag(found.row.version)
    return telling.ticket(process, found, caller, lang)


@tickets.post("/tickets/{ticket_id}/moves", responses=problems(401, 403, 404, 409))
async def move_ticket(
    process: Here,
    work: Uow,
    caller: SignedIn,
    lang: Lang,
    ticket_id: UUID,
    asked: schemas.MoveAsked,
    response: Response,
) -> schemas.Ticket:
    """Make one move. What cannot be done now is refused with what can: `present.legal`, and what a gate lacks."""
    now = process.clock.now()
    await service.move(
        process, work, caller, now, ticket_id, asked.move, asked.data, base_version=asked.base_version
    )
    found = await service.find_ticket(work, caller, now, ticket_id)
    response.headers["etag"] = version_tag(found.row.version)
    return telling.ticket(process, found, caller, lang)
