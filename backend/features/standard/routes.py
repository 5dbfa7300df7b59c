"""Standards: their versions, what is open in them, how they change, and who goes by which."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import HTTPException, Path, Query, Request, Response

from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.standard import schemas, service
from backend.features.standard.document import Standard
from backend.features.standard.rules import differences, not_set
from backend.platform.http.caller import Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

standards = router(tag="standards")

_VERSION = "^[A-Z]-[0-9]$"
_JSON, _YAML = "application/json", "application/yaml"
_DOCUMENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The whole document, as JSON or as YAML.",
        "content": {kind: {"schema": {"$ref": "#/components/schemas/Standard"}} for kind in (_JSON, _YAML)},
    }
}

Code = Annotated[str, Path(pattern=schemas.CODE_PATTERN, max_length=60, examples=["six-plus-two"])]
Version = Annotated[str, Path(pattern=_VERSION, description="`A-0` is version A/0.", examples=["A-0"])]


@standards.get("/standards", responses=problems(401, 403))
async def list_standards(
    process: Here, work: Uow, _caller: Staff, limit: Limit = 50, cursor: Cursor = None
) -> Page[schemas.KnownStandard]:
    """The standards there are, by code."""
    after = decode_cursor(cursor, tuple[str])
    found = await service.standards_page(work, process.clock.now(), after[0] if after else None, limit + 1)
    return page_of(
        found, limit, show=schemas.KnownStandard.model_validate, key=lambda standard: (standard.code,)
    )


@standards.get("/standards/{code}", responses=problems(401, 403, 404))
async def list_versions(process: Here, work: Uow, _caller: Staff, code: Code) -> schemas.Versions:
    """The versions of a standard, and which of them are in order today: for ten days the old and the new one."""
    found = await service.versions_of(work, process.clock.now(), code)
    return schemas.Versions(items=[_version(told) for told in found])


@standards.get("/standards/{code}/{version}", responses=problems(401, 403, 404))
async def read_standard(
    process: Here, work: Uow, _caller: Staff, code: Code, version: Version, response: Response
) -> schemas.VersionWithText:
    """One version of a standard with its text."""
    return await _in_full(process, work, code, version, response)


@standards.get("/standards/{code}/{version}/not-set", responses=problems(401, 403, 404))
async def list_not_set(
    process: Here, work: Uow, _caller: Staff, code: Code, version: Version
) -> schemas.Gaps:
    """Every value that this version names and does not give."""
    _, standard = await service.version_of(work, process.clock.now(), code, _spelled(version))
    return schemas.Gaps(items=[schemas.Gap.model_validate(gap) for gap in not_set(standard)])


@standards.get("/standards/{code}/{version}/diff", responses=problems(401, 403, 404))
async def compare_versions(
    process: Here,
    work: Uow,
    _caller: Staff,
    code: Code,
    version: Version,
    against: Annotated[str, Query(pattern=_VERSION, description="The version before.", examples=["A-0"])],
) -> schemas.Differences:
    """What turns the version `against` into this one, place by place; items go by their code."""
    now = process.clock.now()
    _, before = await service.version_of(work, now, code, _spelled(against))
    _, after = await service.version_of(work, now, code, _spelled(version))
    return schemas.Differences(
        items=[schemas.Difference.model_validate(one) for one in differences(before, after)]
    )


@standards.post(
    "/standards/{code}/drafts",
    status_code=201,
    responses=problems(401, 403, 409),
    openapi_extra=_DOCUMENT,
)
async def draft_standard(
    process: Here, work: Uow, caller: Staff, code: Code, request: Request, response: Response
) -> schemas.VersionWithText:
    """Propose the next version of a standard, or A/0 of a new one. The text in effect holds until it is approved."""
    now = process.clock.now()
    await service.editor(work, caller, now)
    draft = await service.propose(work, caller, now, code, await _document(request))
    return await _in_full(process, work, code, draft.version.replace("/", "-"), response)


@standards.put(
    "/standards/{code}/{version}",
    responses=problems(401, 403, 404, 409, 412),
    openapi_extra=_DOCUMENT,
)
async def replace_draft(
    process: Here,
    work: Uow,
    caller: Staff,
    code: Code,
    version: Version,
    request: Request,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.VersionWithText:
    """Give a draft another text. Whoever writes it proposes it from now on, and cannot be who approves it."""
    now = process.clock.now()
    draft = await service.draft_to_edit(work, caller, now, code, _spelled(version), "edit_standard")
    check_version(if_match, draft.revision, {"version": draft.version, "digest": draft.digest})
    await service.replace_draft(work, caller, now, draft, await _document(request))
    return await _in_full(process, work, code, version, response)


@standards.post("/standards/{code}/{version}/approval", responses=problems(401, 403, 404, 409, 412))
async def approve_standard(
    process: Here,
    work: Uow,
    caller: Staff,
    code: Code,
    version: Version,
    asked: schemas.Approval,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.VersionWithText:
    """Approve the draft that was read, from a day on. Another than who wrote it, and never to be changed again."""
    now = process.clock.now()
    draft = await service.draft_to_edit(work, caller, now, code, _spelled(version), "approve_standard")
    check_version(if_match, draft.revision, {"version": draft.version, "digest": draft.digest})
    await service.approve(work, caller, now, draft, asked.effective_from, asked.reason)
    return await _in_full(process, work, code, version, response)


@standards.get("/projects/{project_id}/standard", responses=problems(401, 403, 404, 409))
async def read_project_standard(
    process: Here, work: Uow, caller: Staff, project_id: UUID
) -> schemas.ProjectStandard:
    """The standard that begins in a project today: its own choice, or the company's, or 6+2."""
    found = await service.choice_of(work, caller, process.clock.now(), project_id)
    return schemas.ProjectStandard.model_validate(found)


@standards.put("/projects/{project_id}/standard", responses=problems(401, 403, 404, 409))
async def choose_project_standard(
    process: Here, work: Uow, caller: Staff, project_id: UUID, asked: schemas.ChooseStandard
) -> schemas.ProjectStandard:
    """From today on a project goes by this standard. Journeys and cases that have begun keep theirs."""
    found = await service.choose_for_project(work, caller, process.clock.now(), project_id, asked.code)
    return schemas.ProjectStandard.model_validate(found)


@standards.put("/company/standard", responses=problems(401, 403, 404, 409))
async def choose_company_standard(
    process: Here, work: Uow, caller: Staff, asked: schemas.ChooseStandard
) -> schemas.ProjectStandard:
    """From today on every project that has not chosen goes by this standard."""
    found = await service.choose_for_company(work, caller, process.clock.now(), asked.code)
    return schemas.ProjectStandard.model_validate(found)


def _spelled(version: str) -> str:
    """`A-0` in an address is A/0 (RC-28)."""
    return version.replace("-", "/")


async def _document(request: Request) -> Standard:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (_JSON, _YAML):
        raise HTTPException(415)
    content = await request.body()
    try:
        # In a thread: a long text takes a while to read, and others are waiting.
        read = await asyncio.to_thread(service.read_document, content, "json" if kind == _JSON else "yaml")
    except service.Unreadable as error:
        raise service.unreadable(error) from None
    return read.standard


async def _in_full(
    process: Here, work: Uow, code: str, version: str, response: Response
) -> schemas.VersionWithText:
    told, standard = await service.version_of(work, process.clock.now(), code, _spelled(version))
    response.headers["etag"] = version_tag(told.row.revision)
    return schemas.VersionWithText(**_facts(told), document=standard)


def _version(told: service.Told) -> schemas.Version:
    return schemas.Version(**_facts(told))


def _facts(told: service.Told) -> dict[str, Any]:
    row = told.row
    return {
        "code": row.code,
        "version": row.version,
        "state": told.standing,
        "in_order": told.in_order,
        "in_order_until": told.in_order_until,
        "effective_from": row.effective_from,
        "reason": row.reason,
        "proposed_by": row.proposed_by,
        "proposed_at": row.proposed_at,
        "approved_by": row.approved_by,
        "approved_at": row.approved_at,
        "digest": row.digest,
    }
