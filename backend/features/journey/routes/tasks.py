"""What is mine to do, and saying that it is done."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response

from backend.core.locale import Locale
from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.journey import schemas, service
from backend.platform.http.caller import Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

tasks = router(tag="tasks")


@tasks.get("/tasks", responses=problems(401, 403))
async def list_tasks(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    mine: Annotated[
        bool, Query(description="Those I am to do; false: all at and below the nodes I oversee.")
    ] = True,
    state: Literal["open", "done", "void"] = "open",
    overdue: Annotated[
        bool | None, Query(description="Only those whose limit has passed, or has not.")
    ] = None,
    project: Annotated[UUID | None, Query(description="Only those of this project.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Task]:
    """Tasks with their clocks, the soonest due first.

    A task is mine when I hold its role nearest to its home today; what nobody holds is seen by those who oversee.
    """
    after = decode_cursor(cursor, tuple[datetime, UUID])
    now = process.clock.now()
    filters = service.Filters(mine=mine, state=state, overdue=overdue, project_id=project)
    found = await service.tasks_page(work, caller, now, filters, after, limit + 1)
    return page_of(
        found, limit, show=lambda one: _shown(one, lang, now), key=lambda one: (one.row.due_at, one.row.id)
    )


@tasks.get("/tasks/{task_id}", responses=problems(401, 403, 404))
async def read_task(
    process: Here, work: Uow, caller: Staff, lang: Lang, task_id: UUID, response: Response
) -> schemas.Task:
    """A task in my scope."""
    now = process.clock.now()
    found = await service.find_task(work, caller, now, task_id)
    response.headers["etag"] = version_tag(found.row.version)
    return _shown(found, lang, now)


@tasks.post("/tasks/{task_id}/done", responses=problems(401, 403, 404, 409, 412))
async def do_task(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    task_id: UUID,
    done: schemas.TaskDone,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Task:
    """Say that it is done, with the evidence it asks for. For whoever holds the role, and for those who oversee.

    What was done on an earlier day is recorded as a late entry, with its reason and both times.
    """
    now = process.clock.now()
    if if_match is not None:
        held = await service.find_task(work, caller, now, task_id)
        check_version(if_match, held.row.version, _shown(held, lang, now).model_dump(mode="json"))
    said = service.Done(
        evidence=[one.model_dump(mode="json") for one in done.evidence],
        note=done.note,
        done_at=done.done_at,
        late_reason=done.late_reason,
    )
    found = await service.do_task(work, process.waker, caller, now, task_id, said)
    response.headers["etag"] = version_tag(found.row.version)
    return _shown(found, lang, now)


def _shown(task: service.TaskView, lang: Locale, now: datetime) -> schemas.Task:
    row, obligation = task.row, task.obligation
    until = row.done_at if row.done_at is not None else now
    home = None
    if row.ownership_id is not None:
        home = schemas.TaskHome(
            ownership_id=row.ownership_id, building=row.building, unit=row.unit, room=row.room
        )
    return schemas.Task(
        id=row.id,
        obligation=obligation.code,
        name=service.words(obligation.name, lang),
        occurrence=row.occurrence,
        step=row.step,
        project_id=row.project_id,
        project=row.project,
        home=home,
        journey_id=row.journey_id,
        role=row.role,
        held_at=row.held_at,
        vacant_passed=row.vacant_passed,
        state=row.state,
        opened_at=row.opened_at,
        due_on=row.due_on,
        due_at=row.due_at,
        first_due_on=row.first_due_on,
        late_by=max(0, int((until - row.due_at).total_seconds())),
        provisional=row.provisional,
        wanted=list(obligation.evidence),
        evidence=row.evidence,
        note=row.note,
        done_at=row.done_at,
        recorded_at=row.recorded_at,
        late_reason=row.late_reason,
        version=row.version,
    )
