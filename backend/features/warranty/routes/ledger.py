"""The warranty ledger of a project."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from backend.core.locale import Locale
from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.warranty import schemas, service
from backend.features.warranty.rules import State
from backend.platform.http.caller import Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

ledger = router(tag="warranty")


async def _which(
    component: Annotated[schemas.Component | None, Query(description="Only this component.")] = None,
    building: Annotated[UUID | None, Query(description="Only homes of this building.")] = None,
    state: Annotated[State | None, Query(description="Only what stands so today.")] = None,
    ends_from: Annotated[date | None, Query(description="Only what ends on this day or later.")] = None,
    ends_before: Annotated[date | None, Query(description="Only what ends before this day.")] = None,
) -> service.Which:
    return service.Which(component, building, state, ends_from, ends_before)


Which = Annotated[service.Which, Depends(_which)]


@ledger.get("/projects/{project_id}/warranty-ledger", responses=problems(401, 403, 404))
async def list_warranty_ledger(
    process: Here,
    work: Uow,
    caller: Staff,
    locale: Lang,
    project_id: UUID,
    which: Which,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[schemas.LedgerItem]:
    """Every component of every home with its term, what ends first coming first; what has no end stands last."""
    after = decode_cursor(cursor, tuple[date | None, UUID])
    found = await service.ledger_page(work, caller, process.clock.now(), project_id, which, after, limit + 1)
    return page_of(
        found, limit, show=lambda one: _shown(one, locale), key=lambda one: (one.row.ends_on, one.row.id)
    )


@ledger.get(
    "/projects/{project_id}/warranty-ledger.csv",
    response_class=Response,
    responses=problems(401, 403, 404)
    | {200: {"description": "The ledger as CSV in UTF-8", "content": {"text/csv": {}}}},
)
async def export_warranty_ledger(
    process: Here, work: Uow, caller: Staff, locale: Lang, project_id: UUID, which: Which
) -> Response:
    """The same as one file for a spreadsheet."""
    told = await service.ledger_as_csv(work, caller, process.clock.now(), project_id, which, locale)
    headers = {"content-disposition": f'attachment; filename="warranty-{project_id}.csv"'}
    return Response(told, media_type="text/csv; charset=utf-8", headers=headers)


def _shown(one: service.LedgerLine, locale: Locale) -> schemas.LedgerItem:
    row, term = one.row, one.term
    return schemas.LedgerItem(
        home_id=row.home_id,
        ownership_id=row.ownership_id,
        home=schemas.Place(building=row.building, unit=row.unit, room=row.room),
        component=term.component,
        name=one.names.told(locale),
        state=one.state,
        why=one.why,
        starts_from=term.starts_from,
        starts_on=term.starts_on,
        base_ends_on=term.base_ends_on,
        ends_on=term.ends_on,
        below_the_law=one.below_the_law,
    )
