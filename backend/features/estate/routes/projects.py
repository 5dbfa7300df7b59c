"""Projects and their facts."""

from uuid import UUID

from fastapi import Response

from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.estate import schemas, service
from backend.platform.http.caller import Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

projects = router(tag="projects")


@projects.get("/projects", responses=problems(401, 403))
async def list_projects(
    process: Here, work: Uow, caller: Staff, limit: Limit = 50, cursor: Cursor = None
) -> Page[schemas.Project]:
    """The projects I work in, by name."""
    after = decode_cursor(cursor, tuple[str, UUID])
    found = await service.list_projects(work, caller, process.clock.now(), after, limit + 1)
    return page_of(
        found, limit, show=schemas.Project.model_validate, key=lambda project: (project.name, project.id)
    )


@projects.get("/projects/{project_id}", responses=problems(401, 403, 404))
async def read_project(
    process: Here, work: Uow, caller: Staff, project_id: UUID, response: Response
) -> schemas.Project:
    """A project's facts."""
    found = await service.find_project(work, caller, process.clock.now(), project_id)
    response.headers["etag"] = version_tag(found.version)
    return schemas.Project.model_validate(found)


@projects.patch("/projects/{project_id}", responses=problems(401, 403, 404, 412))
async def edit_project(
    process: Here,
    work: Uow,
    caller: Staff,
    project_id: UUID,
    edit: schemas.EditProject,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Project:
    """Write a project's facts, such as its hotline, its hours and its dates."""
    now = process.clock.now()
    held = await service.project_to_edit(work, caller, now, project_id)
    check_version(if_match, held.version, schemas.Project.model_validate(held).model_dump(mode="json"))
    facts = edit.model_dump(exclude_unset=True)
    found = await service.edit_project(process, work, caller, now, project_id, facts)
    response.headers["etag"] = version_tag(found.version)
    return schemas.Project.model_validate(found)
