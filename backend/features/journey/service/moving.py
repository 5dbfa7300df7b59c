"""One date of many homes moved at once: one action, a batch a transaction; killed, it goes on where it was.

A batch is one job of the outbox. It moves the dates, their journeys and the cursor and asks for the next batch, all in
the transaction that deletes its own row: whatever dies in between, every home is moved exactly once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.service import count_dated, move_date, project_to_edit
from backend.features.journey.models import DateMove
from backend.features.journey.repository import moves
from backend.features.journey.service.following import Told, follow_ownerships
from backend.features.people.service import scope_of
from backend.platform.calendar import add_calendar_days, add_months
from backend.platform.outbox import Waker, enqueue

MOVE_DATES: Final = "move_dates"
BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to move: `name` of the date, where, and how: to a day, or by days or months. Exactly one of the three."""

    name: str
    building_id: UUID | None
    to_day: date | None
    shift_days: int | None
    shift_months: int | None
    reason: str


async def ask_to_move(
    work: Work, waker: Waker, caller: Caller, now: datetime, project_id: UUID, asked: Asked
) -> DateMove:
    """Begin to move a date of all homes of a project, or of one of its buildings.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
        Invalid: `one_way_to_move`, `nothing_to_change`, `building_unknown`.
        Conflict: `dates_are_moving`, while another move of the project goes on.
    """
    await project_to_edit(work, caller, now, project_id)
    ways = (asked.to_day, asked.shift_days, asked.shift_months)
    if sum(way is not None for way in ways) != 1:
        raise Invalid("one_way_to_move", field="to")
    if 0 in ways:
        raise Invalid("nothing_to_change", field="shift_days" if asked.shift_days == 0 else "shift_months")
    if asked.building_id is not None and not await moves.is_building_of(work, asked.building_id, project_id):
        raise Invalid("building_unknown", field="building_id")
    move = DateMove(
        id=new_id(),
        project_id=project_id,
        building_id=asked.building_id,
        date_name=asked.name,
        to_day=asked.to_day,
        shift_days=asked.shift_days,
        shift_months=asked.shift_months,
        reason=asked.reason,
        actor_id=caller.account_id,
        state="running",
        total=await count_dated(work, project_id, asked.building_id, asked.name),
        moved=0,
        same=0,
        skipped=[],
        created_at=now,
    )
    work.add(move)
    try:
        await work.flush()
    except IntegrityError as error:
        if "uq_date_move_running" in str(error.orig):
            raise Conflict("dates_are_moving") from None
        raise
    await enqueue(work, waker, MOVE_DATES, {"move_id": str(move.id)})
    return move


async def find_move(work: Work, caller: Caller, now: datetime, move_id: UUID) -> DateMove:
    """How far a move is.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: none in the caller's scope.
    """
    found = await moves.move_seen(work, move_id, await scope_of(work, caller, "edit_estate", now))
    if found is None:
        raise NotFound()
    return found


async def move_batch(work: Work, waker: Waker, now: datetime, move_id: UUID) -> None:
    """The job: the next homes, and the job for those after them."""
    move = await moves.move_to_go_on(work, move_id)
    if move.state == "done":
        return
    batch = await move_date(
        work,
        now,
        project_id=move.project_id,
        building_id=move.building_id,
        name=move.date_name,
        move=_way(move),
        after=move.cursor,
        limit=BATCH,
        actor_id=move.actor_id,
        reason=move.reason,
    )
    if batch.moved:
        await follow_ownerships(work, waker, now, batch.moved, Told(move.actor_id, move.reason, "moved"))
    move.moved += len(batch.moved)
    move.same += batch.same
    move.skipped = [
        *move.skipped,
        *(
            {"ownership_id": str(one.ownership_id), "home": one.home, "code": one.code}
            for one in batch.skipped
        ),
    ]
    if batch.last is None:
        move.state, move.finished_at = "done", now
    else:
        move.cursor = batch.last
        await enqueue(work, waker, MOVE_DATES, {"move_id": str(move.id)})
    await work.flush()


def _way(move: DateMove) -> Callable[[date], date]:
    if move.to_day is not None:
        to_day = move.to_day
        return lambda _: to_day
    if move.shift_days is not None:
        return partial(_add, add_calendar_days, move.shift_days)
    assert move.shift_months is not None
    return partial(_add, add_months, move.shift_months)


def _add(how: Callable[[date, int], date], count: int, day: date) -> date:
    return how(day, count)
