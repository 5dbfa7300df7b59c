"""Works contracts."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.warranty import schemas, service
from backend.features.warranty.rules import Stage
from backend.platform.http.caller import Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

contracts = router(tag="warranty")


@contracts.get("/projects/{project_id}/works-contracts", responses=problems(401, 403, 404))
async def list_works_contracts(
    process: Here,
    work: Uow,
    caller: Staff,
    project_id: UUID,
    stage: Annotated[Stage | None, Query(description="Only those that stand here.")] = None,
    ends_before: Annotated[date | None, Query(description="Only what ends before this day.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Contract]:
    """Contracts with those who built the project, what ends first coming first."""
    now = process.clock.now()
    after = decode_cursor(cursor, tuple[date | None, UUID])
    found = await service.contracts_page(work, caller, now, project_id, stage, ends_before, after, limit + 1)
    return page_of(found, limit, show=_shown, key=lambda one: (one.contract.ends_on, one.contract.id))


@contracts.post(
    "/projects/{project_id}/works-contracts", status_code=201, responses=problems(401, 403, 404, 409)
)
async def enter_works_contract(
    process: Here,
    work: Uow,
    caller: Staff,
    project_id: UUID,
    asked: schemas.ContractEntered,
    response: Response,
) -> schemas.Contract:
    """Enter a contract into the ledger, with the period for which its company answers."""
    facts = asked.model_dump(exclude={"number"})
    found = await service.enter_contract(work, caller, process.clock.now(), project_id, asked.number, facts)
    return _answered(found, response)


@contracts.put("/works-contracts/{contract_id}", responses=problems(401, 403, 404, 409, 412))
async def edit_works_contract(
    process: Here,
    work: Uow,
    caller: Staff,
    contract_id: UUID,
    asked: schemas.ContractFacts,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Contract:
    """Write what a contract says anew. A settled one stays as it is."""
    held = await service.contract_to_edit(work, caller, process.clock.now(), contract_id)
    check_version(if_match, held.contract.version, _shown(held).model_dump(mode="json"))
    return _answered(await service.edit_contract(work, held, asked.model_dump()), response)


@contracts.post("/works-contracts/{contract_id}/stage", responses=problems(401, 403, 404, 409, 412))
async def set_works_contract_stage(
    process: Here,
    work: Uow,
    caller: Staff,
    contract_id: UUID,
    asked: schemas.StageSet,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Contract:
    """Say where a contract stands on its way out of warranty: its retention money is settled on a day, for good."""
    now = process.clock.now()
    held = await service.contract_to_edit(work, caller, now, contract_id)
    check_version(if_match, held.contract.version, _shown(held).model_dump(mode="json"))
    return _answered(
        await service.set_stage(work, caller, now, held, asked.stage, asked.settled_on), response
    )


def _answered(one: service.ContractView, response: Response) -> schemas.Contract:
    response.headers["etag"] = version_tag(one.contract.version)
    return _shown(one)


def _shown(one: service.ContractView) -> schemas.Contract:
    facts = {
        name: getattr(one.contract, name) for name in schemas.Contract.model_fields if name != "open_defects"
    }
    return schemas.Contract(open_defects=one.open_defects, **facts)
