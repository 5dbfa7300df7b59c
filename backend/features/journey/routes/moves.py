"""Moving a date of many homes at once."""

from uuid import UUID

from backend.features.journey import schemas, service
from backend.features.journey.models import DateMove
from backend.platform.http.caller import Staff
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

moves = router(tag="journeys")


@moves.post("/projects/{project_id}/date-moves", status_code=202, responses=problems(401, 403, 404, 409))
async def move_dates(
    process: Here, work: Uow, caller: Staff, project_id: UUID, asked: schemas.MoveDates
) -> schemas.DateMove:
    """Put delivery off, or move another date, for all homes of a project or of one building.

    It goes on by itself, a batch at a time. What hangs on the date moves with it; the first promise stays in sight,
    and every timeline says who moved it, why, from when to when. A home whose date cannot move is named.
    """
    wanted = service.Asked(
        name=asked.date,
        building_id=asked.building_id,
        to_day=asked.to,
        shift_days=asked.shift_days,
        shift_months=asked.shift_months,
        reason=asked.reason,
    )
    now = process.clock.now()
    return _shown(await service.ask_to_move(work, process.waker, caller, now, project_id, wanted))


@moves.get("/date-moves/{move_id}", responses=problems(401, 403, 404))
async def read_date_move(process: Here, work: Uow, caller: Staff, move_id: UUID) -> schemas.DateMove:
    """How far it is, and which homes it could not move."""
    return _shown(await service.find_move(work, caller, process.clock.now(), move_id))


def _shown(move: DateMove) -> schemas.DateMove:
    return schemas.DateMove(
        id=move.id,
        project_id=move.project_id,
        building_id=move.building_id,
        date=move.date_name,
        to=move.to_day,
        shift_days=move.shift_days,
        shift_months=move.shift_months,
        reason=move.reason,
        actor_id=move.actor_id,
        state=move.state,
        total=move.total,
        moved=move.moved,
        same=move.same,
        skipped=[schemas.HomeSkipped.model_validate(one) for one in move.skipped],
        created_at=move.created_at,
        finished_at=move.finished_at,
    )
