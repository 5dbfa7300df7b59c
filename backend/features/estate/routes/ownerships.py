"""Ownerships: reading, correcting, selling on, and the audit trail."""

from uuid import UUID

from fastapi import Response

from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.estate import schemas, service
from backend.platform.http.caller import SignedIn, Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

ownerships = router(tag="ownerships")


@ownerships.get("/ownerships/{ownership_id}", responses=problems(401, 403, 404))
async def read_ownership(
    process: Here, work: Uow, caller: SignedIn, ownership_id: UUID, response: Response
) -> schemas.Ownership:
    """A contract over a home: mine, by what my role in the household may see; for staff any in their scope."""
    found = await service.find_ownership(work, caller, process.clock.now(), ownership_id)
    response.headers["etag"] = version_tag(found.version)
    return schemas.Ownership.model_validate(found)


@ownerships.patch("/ownerships/{ownership_id}", responses=problems(401, 403, 404, 409, 412))
async def edit_ownership(
    process: Here,
    work: Uow,
    caller: Staff,
    ownership_id: UUID,
    edit: schemas.EditOwnership,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Ownership:
    """Correct a contract's number, dates and contacts. Who, what and why go into its audit trail."""
    now = process.clock.now()
    held = await service.ownership_to_edit(work, caller, now, ownership_id)
    check_version(if_match, held.version, schemas.Ownership.model_validate(held).model_dump(mode="json"))
    facts = edit.model_dump(exclude_unset=True, exclude={"reason"})
    found = await service.edit_ownership(work, process.waker, caller, now, ownership_id, facts, edit.reason)
    response.headers["etag"] = version_tag(found.version)
    return schemas.Ownership.model_validate(found)


@ownerships.get("/ownerships/{ownership_id}/changes", responses=problems(401, 403, 404))
async def list_ownership_changes(
    process: Here,
    work: Uow,
    caller: Staff,
    ownership_id: UUID,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[schemas.Change]:
    """The audit trail of a contract, the newest line first."""
    before = decode_cursor(cursor, tuple[UUID])
    found = await service.changes_of(
        work, caller, process.clock.now(), ownership_id, before[0] if before else None, limit + 1
    )
    return page_of(found, limit, show=schemas.Change.model_validate, key=lambda change: (change.id,))


@ownerships.post("/ownerships/{ownership_id}/resale", status_code=201, responses=problems(401, 403, 404, 409))
async def sell_home_on(
    process: Here, work: Uow, caller: Staff, ownership_id: UUID, resale: schemas.Resale, response: Response
) -> schemas.Ownership:
    """A resale: this contract ends and its people lose sight of the home at once; the buyers' begins.

    The home keeps its history. The answer is the new contract.
    """
    new = await service.sell_on(
        work,
        process.signals,
        process.waker,
        process.sealer,
        caller,
        process.clock.now(),
        ownership_id,
        [service.Buyer(buyer.name, buyer.phone) for buyer in resale.buyer],
        resale.model_dump(exclude_unset=True, exclude={"buyer", "reason"}),
        resale.reason,
    )
    response.headers["etag"] = version_tag(new.version)
    return schemas.Ownership.model_validate(new)
