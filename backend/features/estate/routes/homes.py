"""Homes: one's own, and staff's search."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from backend.core.paging import decode_cursor
from backend.core.wire import Line, Page
from backend.features.estate import schemas, service
from backend.platform.http.caller import Owner, Staff
from backend.platform.http.etags import holding, shape_of, under_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

homes = router(tag="homes")

_SHAPE = shape_of(schemas.MyHomes)


@homes.get(
    "/me/homes",
    response_model=schemas.MyHomes,
    responses=problems(401, 403) | {304: {"description": "As the `ETag` you sent says: nothing has changed"}},
)
async def list_my_homes(request: Request, process: Here, caller: Owner) -> Response:
    """My homes: those I own, live in with my family, or rent, each by what my role in it may see."""
    tag, body = await service.homes_of(
        process.direct, caller.account_id, process.clock.now(), shape=_SHAPE, holds=holding(request)
    )
    return under_tag(tag, body)


@homes.get("/projects/{project_id}/homes", responses=problems(401, 403, 404))
async def find_homes(
    process: Here,
    work: Uow,
    caller: Staff,
    project_id: UUID,
    q: Annotated[
        Line | None,
        Query(
            max_length=100,
            description="A place in any spelling (1-1-0101, 1号楼101室), a part of a name, a phone or its end",
        ),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[schemas.Home]:
    """The homes of a project in natural order, or those that `q` means. Names and phones are masked."""
    after = decode_cursor(cursor, tuple[str, UUID])
    found = await service.find_homes(work, caller, process.clock.now(), project_id, q, after, limit + 1)
    return page_of(
        found,
        limit,
        show=lambda one: schemas.Home.model_validate(one[0]),
        key=lambda one: (one[1], one[0].id),
    )


@homes.get("/homes/{home_id}", responses=problems(401, 403, 404))
async def read_home(process: Here, work: Uow, caller: Staff, home_id: UUID) -> schemas.HomeInFull:
    """A home: who owns it and lives there, masked, and every ownership it has had."""
    found = await service.home_in_full(work, caller, process.clock.now(), home_id)
    return schemas.HomeInFull.model_validate(found)
