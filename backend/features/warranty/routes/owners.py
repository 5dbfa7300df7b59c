"""The warranty of a home."""

from uuid import UUID

from fastapi import Request, Response

from backend.core.locale import Locale
from backend.features.warranty import schemas, service
from backend.platform.http.caller import SignedIn
from backend.platform.http.etags import tagged
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, router

owners = router(tag="warranty")


@owners.get(
    "/ownerships/{ownership_id}/warranty",
    response_model=schemas.Warranty,
    responses=problems(401, 403, 404)
    | {304: {"description": "As the `ETag` you sent says: nothing has changed"}},
)
async def read_warranty(
    request: Request, process: Here, locale: Lang, caller: SignedIn, ownership_id: UUID
) -> Response:
    """What of a home is under warranty until when, item by item, and what to look for before it ends.

    It belongs to the home: whoever buys it goes on with the same days. For owner and family of the home, and for
    employees in their scope.
    """
    found = await service.warranty_of(process, caller, process.clock.now(), ownership_id)
    return tagged(request, _told(found, locale).model_dump_json().encode())


def _told(found: service.WarrantyView, locale: Locale) -> schemas.Warranty:
    building, unit, room = found.home
    search = found.search
    return schemas.Warranty(
        ownership_id=found.ownership_id,
        home=schemas.Place(building=building, unit=unit, room=room),
        items=[_item(item, locale) for item in found.items],
        search=schemas.Search(
            since=search.since,
            ends_on=search.ends_on,
            lines=[line.told(locale) for line in search.lines],
        )
        if search is not None
        else None,
        notices=[
            schemas.Notice(kind=kind, ends_on=ends_on, due_on=due_on, state=state, told_at=told_at)
            for kind, ends_on, due_on, state, told_at in found.notices
        ],
    )


def _item(item: service.ItemView, locale: Locale) -> schemas.Item:
    term = item.term
    return schemas.Item(
        component=term.component,
        name=item.names.told(locale),
        state=item.state,
        why=item.why,
        starts_from=term.starts_from,
        starts_on=term.starts_on,
        base_years=term.base_years,
        base_ends_on=term.base_ends_on,
        extension_years=term.extension_years,
        extension_ends_on=term.extension_ends_on,
        statutory_years=term.statutory_years,
        statutory_ends_on=term.statutory_ends_on,
        ends_on=term.ends_on,
    )
