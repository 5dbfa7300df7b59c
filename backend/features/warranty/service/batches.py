"""Batches of defects for the units that answer for them: gathered, sent with a deadline, answered, put right (WR-17).

Every move has its line on the batch's thread, which employees alone read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm.attributes import flag_modified

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.service import project_scope
from backend.features.people.service import scope_of
from backend.features.warranty.models import DefectBatch
from backend.features.warranty.repository import batches as repository
from backend.features.warranty.rules import MOVES, BatchMove, BatchState, Occasion, legal_moves
from backend.platform.calendar import calendar_of
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append, open_threads
from backend.platform.timers import cancel, schedule

DEADLINE: Final = "defect_deadline"
"""The timer that looks whether a batch was put right by its deadline; its key is the batch."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect. `ticket_id`: the repair it was reported by; a ticket's component stands in one batch only."""

    home_id: UUID
    component: str
    description: str
    ticket_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch with its numbers."""

    batch: DefectBatch
    defects: int
    open_defects: int


async def batches_page(
    work: Work,
    caller: Caller,
    now: datetime,
    project_id: UUID,
    state: BatchState | None,
    before: UUID | None,
    limit: int,
    *,
    overdue: bool,
) -> list[BatchView]:
    """A page of a project's batches, the last begun first.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    await project_scope(work, caller, now, project_id, "oversee")
    late_by = local_date(now) if overdue else None
    return await _views(work, await repository.page(work, project_id, state, late_by, before, limit))


async def find_batch(work: Work, caller: Caller, now: datetime, batch_id: UUID) -> BatchView:
    """A batch in the caller's scope.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none.
    """
    batch = await repository.within(work, batch_id, await scope_of(work, caller, "oversee", now))
    if batch is None:
        raise NotFound()
    return (await _views(work, [batch]))[0]


async def lines_of(work: Work, batch: DefectBatch) -> Sequence[Any]:
    """The defects of a batch, in the order they were added."""
    return await repository.lines_of(work, batch.id)


async def begin_batch(
    work: Work,
    caller: Caller,
    now: datetime,
    project_id: UUID,
    *,
    unit: str,
    occasion: Occasion,
    deadline: date,
    defects: Sequence[Defect],
) -> BatchView:
    """Begin a batch for one unit. The deadline is a person's: the method gives none.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
        Invalid: `deadline_past`, `home_elsewhere`.
    """
    await project_scope(work, caller, now, project_id, "keep_warranty")
    _check_deadline(deadline, now)
    batch_id = new_id()
    threads = await open_threads(work, "defect_batch", [batch_id])
    batch = DefectBatch(
        id=batch_id,
        project_id=project_id,
        thread_id=threads[batch_id],
        unit=unit,
        occasion=occasion,
        deadline=deadline,
        created_by=caller.account_id,
    )
    work.add(batch)
    await work.flush()
    body = {"unit": unit, "occasion": occasion, "deadline": deadline.isoformat()}
    await _note(work, batch, caller, "batch_begun", body)
    if defects:
        await _add(work, caller, batch, defects)
    return (await _views(work, [batch]))[0]


async def batch_to_move(work: Work, caller: Caller, now: datetime, batch_id: UUID) -> BatchView:
    """A batch that the caller may do something with, locked until the end of the unit of work.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none in the caller's scope.
    """
    scope = await scope_of(work, caller, "keep_warranty", now)
    batch = await repository.within(work, batch_id, scope, lock=True)
    if batch is None:
        raise NotFound()
    return (await _views(work, [batch]))[0]


async def add_defects(
    work: Work, caller: Caller, now: datetime, batch_id: UUID, defects: Sequence[Defect]
) -> BatchView:
    """Add defects to a batch that is being gathered: by hand, or out of repairs' tickets.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is no such batch in the caller's scope.
        Conflict: `defect_batch_move`, once it is sent.
        Invalid: `home_elsewhere`.
    """
    held = await batch_to_move(work, caller, now, batch_id)
    _check_gathering(held.batch)
    await _add(work, caller, held.batch, defects)
    return await _written(work, held.batch)


async def remove_defect(
    work: Work, caller: Caller, now: datetime, batch_id: UUID, line_id: UUID
) -> BatchView:
    """Take a defect out of a batch that is being gathered.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is no such batch, or no such defect in it.
        Conflict: `defect_batch_move`, once it is sent.
    """
    held = await batch_to_move(work, caller, now, batch_id)
    _check_gathering(held.batch)
    if not await repository.remove(work, batch_id, line_id):
        raise NotFound()
    await _note(work, held.batch, caller, "defect_removed", {"line": str(line_id)})
    return await _written(work, held.batch)


async def send_batch(
    work: Work, waker: Waker, caller: Caller, now: datetime, held: BatchView, note: str | None
) -> BatchView:
    """The unit has it, with its deadline. From now on its defects stay as they were sent.

    Raises:
        Conflict: `defect_batch_move`, `defect_batch_empty`.
        Invalid: `deadline_past`.
    """
    batch = held.batch
    _check_move(batch, "send")
    if not held.defects:
        raise Conflict("defect_batch_empty")
    _check_deadline(batch.deadline, now)
    batch.state, batch.sent_at, batch.first_deadline = "sent", now, batch.deadline
    body = {"deadline": batch.deadline.isoformat(), "defects": held.defects, "note": note}
    await _note(work, batch, caller, "batch_sent", body)
    await _watch(work, waker, batch)
    return await _written(work, batch)


async def answer_batch(
    work: Work, caller: Caller, now: datetime, held: BatchView, note: str | None
) -> BatchView:
    """The unit has answered.

    Raises:
        Conflict: `defect_batch_move`.
    """
    batch = held.batch
    _check_move(batch, "answer")
    batch.state, batch.answered_at = "answered", now
    await _note(work, batch, caller, "batch_answered", {"note": note})
    return await _written(work, batch)


async def correct_defects(
    work: Work,
    caller: Caller,
    now: datetime,
    held: BatchView,
    line_ids: Sequence[UUID] | None,
    note: str | None,
) -> BatchView:
    """Defects have been put right: these, or all. With the last of them the batch is.

    Raises:
        Conflict: `defect_batch_move`.
        Invalid: `defect_unknown`.
    """
    batch = held.batch
    _check_move(batch, "correct")
    if line_ids is not None and (unknown := await repository.unknown(work, batch.id, set(line_ids))):
        raise Invalid("defect_unknown", field="lines", value=str(min(unknown)))
    done = await repository.correct(work, batch.id, now, caller.account_id, line_ids)
    left = held.open_defects - len(done)
    if done:
        body = {"lines": [str(one) for one in done], "left": left, "note": note}
        await _note(work, batch, caller, "defects_corrected", body)
    if left == 0:
        batch.state, batch.corrected_at = "corrected", now
        await cancel(work, DEADLINE, [str(batch.id)])
    return await _written(work, batch)


async def move_deadline(
    work: Work, waker: Waker, caller: Caller, now: datetime, held: BatchView, deadline: date, reason: str
) -> BatchView:
    """Give a batch another deadline. The one it was sent with stays on record.

    Raises:
        Conflict: `defect_batch_move`, when all is put right.
        Invalid: `deadline_past`.
    """
    batch = held.batch
    if batch.state == "corrected":
        raise _not_now(batch)
    _check_deadline(deadline, now)
    if deadline == batch.deadline:
        return held
    body = {"from": batch.deadline.isoformat(), "to": deadline.isoformat(), "reason": reason}
    batch.deadline, batch.late_told_at = deadline, None
    await _note(work, batch, caller, "deadline_moved", body)
    if batch.state != "gathering":
        await _watch(work, waker, batch)
    return await _written(work, batch)


async def _add(work: Work, caller: Caller, batch: DefectBatch, defects: Sequence[Defect]) -> None:
    homes = {one.home_id for one in defects}
    if await repository.foreign(work, batch.project_id, homes):
        raise Invalid("home_elsewhere", field="lines")
    rows = [
        {
            "id": new_id(),
            "batch_id": batch.id,
            "home_id": one.home_id,
            "component": one.component,
            "description": one.description,
            "ticket_id": one.ticket_id,
            "added_by": caller.account_id,
        }
        for one in defects
    ]
    await repository.add_lines(work, rows)
    await _note(work, batch, caller, "defects_added", {"defects": len(rows)})


async def _note(work: Work, batch: DefectBatch, caller: Caller, kind: str, body: dict[str, Any]) -> None:
    await append(work, NewEntry(batch.thread_id, kind, body, caller.account_id, "staff"))


async def _watch(work: Work, waker: Waker, batch: DefectBatch) -> None:
    """Have it looked at when the day of the deadline is over."""
    zone = (await calendar_of(work, batch.project_id)).zone
    over = datetime.combine(batch.deadline + timedelta(days=1), time(), zone).astimezone(UTC)
    await schedule(work, waker, DEADLINE, str(batch.id), over, {})


async def _written(work: Work, batch: DefectBatch) -> BatchView:
    """Whoever read it before has read something else, also when only its defects have changed."""
    flag_modified(batch, "state")
    await work.flush()
    return (await _views(work, [batch]))[0]


async def _views(work: Work, found: Sequence[DefectBatch]) -> list[BatchView]:
    numbers = await repository.counts(work, [one.id for one in found])
    return [BatchView(one, *numbers.get(one.id, (0, 0))) for one in found]


def _check_gathering(batch: DefectBatch) -> None:
    if batch.state != "gathering":
        raise _not_now(batch)


def _check_move(batch: DefectBatch, move: BatchMove) -> None:
    if batch.state not in MOVES[move]:
        raise _not_now(batch)


def _not_now(batch: DefectBatch) -> Conflict:
    return Conflict("defect_batch_move", present={"state": batch.state, "moves": legal_moves(batch.state)})


def _check_deadline(deadline: date, now: datetime) -> None:
    if deadline < local_date(now):
        raise Invalid("deadline_past", field="deadline", value=deadline.isoformat())
