"""Batches of defects for responsible units."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Response

from backend.core.clock import local_date
from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.db.work import Work
from backend.features.warranty import schemas, service
from backend.features.warranty.rules import BatchState, is_overdue, legal_moves
from backend.platform.http.caller import Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

batches = router(tag="warranty")

_SAME: Final = (
    "id", "project_id", "unit", "occasion", "state", "deadline", "first_deadline", "sent_at", "answered_at",
    "corrected_at", "version",
)  # fmt: skip


@batches.get("/projects/{project_id}/defect-batches", responses=problems(401, 403, 404))
async def list_defect_batches(
    process: Here,
    work: Uow,
    caller: Staff,
    project_id: UUID,
    state: Annotated[BatchState | None, Query(description="Only those that stand so.")] = None,
    overdue: Annotated[bool, Query(description="Only those whose deadline has passed.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Batch]:
    """Batches of defects of a project, the last begun first."""
    now = process.clock.now()
    before = decode_cursor(cursor, tuple[UUID])
    found = await service.batches_page(
        work, caller, now, project_id, state, before[0] if before else None, limit + 1, overdue=overdue
    )
    today = local_date(now)
    return page_of(
        found,
        limit,
        show=lambda one: schemas.Batch(**_facts(one, today)),
        key=lambda one: (one.batch.id,),
    )


@batches.post("/projects/{project_id}/defect-batches", status_code=201, responses=problems(401, 403, 404))
async def begin_defect_batch(
    process: Here,
    work: Uow,
    caller: Staff,
    project_id: UUID,
    asked: schemas.BatchBegun,
    response: Response,
) -> schemas.BatchInFull:
    """Begin a batch for one responsible unit, with the day by which it is to be put right."""
    now = process.clock.now()
    found = await service.begin_batch(
        work,
        caller,
        now,
        project_id,
        unit=asked.unit,
        occasion=asked.occasion,
        deadline=asked.deadline,
        defects=_defects(asked.lines),
    )
    return await _in_full(process, work, found, response)


@batches.get("/defect-batches/{batch_id}", responses=problems(401, 403, 404))
async def read_defect_batch(
    process: Here, work: Uow, caller: Staff, batch_id: UUID, response: Response
) -> schemas.BatchInFull:
    """A batch with its defects."""
    found = await service.find_batch(work, caller, process.clock.now(), batch_id)
    return await _in_full(process, work, found, response)


@batches.post("/defect-batches/{batch_id}/lines", responses=problems(401, 403, 404, 409))
async def add_defects(
    process: Here, work: Uow, caller: Staff, batch_id: UUID, asked: schemas.DefectsAdded, response: Response
) -> schemas.BatchInFull:
    """Add defects to a batch that is not sent yet."""
    now = process.clock.now()
    found = await service.add_defects(work, caller, now, batch_id, _defects(asked.lines))
    return await _in_full(process, work, found, response)


@batches.delete("/defect-batches/{batch_id}/lines/{line_id}", responses=problems(401, 403, 404, 409))
async def remove_defect(
    process: Here, work: Uow, caller: Staff, batch_id: UUID, line_id: UUID, response: Response
) -> schemas.BatchInFull:
    """Take a defect out of a batch that is not sent yet."""
    found = await service.remove_defect(work, caller, process.clock.now(), batch_id, line_id)
    return await _in_full(process, work, found, response)


@batches.post("/defect-batches/{batch_id}/send", responses=problems(401, 403, 404, 409, 412))
async def send_defect_batch(
    process: Here,
    work: Uow,
    caller: Staff,
    batch_id: UUID,
    asked: schemas.Said,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.BatchInFull:
    """Note that the unit has it. From now on its defects stay as they are, and its deadline runs."""
    now = process.clock.now()
    held = await _held(process, work, caller, batch_id, if_match)
    found = await service.send_batch(work, process.waker, caller, now, held, asked.note)
    return await _in_full(process, work, found, response)


@batches.post("/defect-batches/{batch_id}/answer", responses=problems(401, 403, 404, 409, 412))
async def answer_defect_batch(
    process: Here,
    work: Uow,
    caller: Staff,
    batch_id: UUID,
    asked: schemas.Said,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.BatchInFull:
    """Note that the unit has answered, and what."""
    now = process.clock.now()
    held = await _held(process, work, caller, batch_id, if_match)
    found = await service.answer_batch(work, caller, now, held, asked.note)
    return await _in_full(process, work, found, response)


@batches.post("/defect-batches/{batch_id}/correct", responses=problems(401, 403, 404, 409, 412))
async def correct_defect_batch(
    process: Here,
    work: Uow,
    caller: Staff,
    batch_id: UUID,
    asked: schemas.Corrected,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.BatchInFull:
    """Note which defects have been put right, or that all have. With the last one the batch is over."""
    now = process.clock.now()
    held = await _held(process, work, caller, batch_id, if_match)
    found = await service.correct_defects(work, caller, now, held, asked.lines, asked.note)
    return await _in_full(process, work, found, response)


@batches.post("/defect-batches/{batch_id}/deadline", responses=problems(401, 403, 404, 409, 412))
async def move_defect_deadline(
    process: Here,
    work: Uow,
    caller: Staff,
    batch_id: UUID,
    asked: schemas.DeadlineMoved,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.BatchInFull:
    """Give a batch another deadline, with a reason. The one it was sent with stays on record."""
    now = process.clock.now()
    held = await _held(process, work, caller, batch_id, if_match)
    found = await service.move_deadline(work, process.waker, caller, now, held, asked.deadline, asked.reason)
    return await _in_full(process, work, found, response)


async def _held(
    process: Here, work: Work, caller: Staff, batch_id: UUID, if_match: str | None
) -> service.BatchView:
    now = process.clock.now()
    held = await service.batch_to_move(work, caller, now, batch_id)
    present = schemas.Batch(**_facts(held, local_date(now))).model_dump(mode="json")
    check_version(if_match, held.batch.version, present)
    return held


def _defects(lines: list[schemas.DefectReported]) -> list[service.Defect]:
    return [service.Defect(one.home_id, one.component, one.description) for one in lines]


async def _in_full(
    process: Here, work: Work, one: service.BatchView, response: Response
) -> schemas.BatchInFull:
    response.headers["etag"] = version_tag(one.batch.version)
    lines = [
        schemas.DefectLine(
            id=row.id,
            home_id=row.home_id,
            home=schemas.Place(building=row.building, unit=row.unit, room=row.room),
            component=row.component,
            description=row.description,
            ticket_id=row.ticket_id,
            corrected_at=row.corrected_at,
        )
        for row in await service.lines_of(work, one.batch)
    ]
    return schemas.BatchInFull(lines=lines, **_facts(one, local_date(process.clock.now())))


def _facts(one: service.BatchView, today: date) -> dict[str, Any]:
    batch = one.batch
    return {name: getattr(batch, name) for name in _SAME} | {
        "thread": batch.thread_id,
        "overdue": is_overdue(batch.state, batch.deadline, today),
        "defects": one.defects,
        "open_defects": one.open_defects,
        "moves": legal_moves(batch.state),
    }
