"""The owner's timeline."""

from uuid import UUID

from fastapi import Request, Response

from backend.features.journey import schemas_timeline as schemas
from backend.features.journey import service
from backend.platform.http.caller import SignedIn
from backend.platform.http.etags import holding, shape_of, under_tag
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, router

timeline = router(tag="journeys")

_SHAPE = shape_of(schemas.Timeline)


@timeline.get(
    "/ownerships/{ownership_id}/journey",
    response_model=schemas.Timeline,
    responses=problems(401, 403, 404)
    | {304: {"description": "As the `ETag` you sent says: nothing has changed"}},
)
async def read_journey(
    request: Request, process: Here, locale: Lang, caller: SignedIn, ownership_id: UUID
) -> Response:
    """A home's journey: where it is, what comes next, who is the contact, what happened, what was promised and kept.

    For owner and family of the home, and for employees in their scope, who also see what is for employees only.
    """
    tag, body = await service.timeline_of(
        process,
        caller,
        process.clock.now(),
        ownership_id,
        locale,
        shape=_SHAPE,
        holds=holding(request),
    )
    return under_tag(tag, body)
