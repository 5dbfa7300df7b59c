"""Reveals: for staff one value with a reason, for its owner the list of who looked."""

from uuid import UUID

from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.privacy import schemas, service
from backend.platform.http.caller import Owner, Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

privacy = router(tag="privacy")


@privacy.post("/reveals", status_code=201, responses=problems(401, 403, 404))
async def reveal_value(process: Here, work: Uow, caller: Staff, asked: schemas.AskReveal) -> schemas.Revealed:
    """See one value of a resident unmasked. Who, why and when are written down, and the resident can read them."""
    shown = await service.reveal(
        work,
        process.sealer,
        caller,
        process.clock.now(),
        subject_id=asked.subject,
        field=asked.field,
        reason=asked.reason,
    )
    return schemas.Revealed.model_validate(shown)


@privacy.get("/me/reveals", responses=problems(401, 403))
async def list_my_reveals(
    work: Uow,
    caller: Owner,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[schemas.Look]:
    """Who looked at which of my values, when and why, the newest first."""
    before = decode_cursor(cursor, tuple[UUID])
    found = await service.looks_at(work, caller.account_id, before[0] if before else None, limit + 1)
    return page_of(found, limit, show=schemas.Look.model_validate, key=lambda look: (look.id,))
