"""What a project owes and another feature does: its monthly post (S3-26). Done by the deed, without a task's form."""

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.db.work import Work
from backend.features.journey.repository import journeys, tasks
from backend.features.journey.rules.periods import first_day
from backend.features.journey.rules.revising import change_of
from backend.features.journey.rules.standing import Kept
from backend.features.journey.service.books import book_for
from backend.features.journey.service.loading import row_of
from backend.features.journey.service.turning import lay_next, where_of
from backend.features.journey.service.writing import Writer
from backend.platform.outbox import Waker
from backend.platform.threads import Audience, NewEntry


async def fulfil(
    work: Work,
    waker: Waker,
    now: datetime,
    project_id: UUID,
    obligation: str,
    day: date,
    *,
    done_by: UUID,
    evidence: dict[str, Any],
) -> bool:
    """A project's obligation of the period that `day` lies in is done, now, with this as its evidence.

    False: none is owed, or it was done before. `evidence` has a `kind` and an `id`.
    """
    one = await _milestone(work, project_id, obligation, day)
    if one is None or one.state not in ("coming", "due", "late"):
        return False
    its = await book_for(work, one)
    writer = Writer(now, told=True)
    if one.state == "coming":
        # Its timer, which lays the next period out, is called off below.
        await lay_next(work, writer, [one])
    await tasks.write_fulfilled(
        work, one.id, done_at=now, done_by=done_by, evidence=json.dumps([evidence], ensure_ascii=False)
    )
    writer.cancel(one.id)
    known = its.obligations.get(obligation)
    audience: Audience = "all" if known is not None and known.owner_sees else "staff"
    body = {
        "obligation": obligation,
        "occurrence": one.occurrence.isoformat() if one.occurrence else None,
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "evidence": [evidence["kind"]],
        "late_reason": None,
    }
    writer.entries.append(NewEntry(one.thread_id, "milestone_done", body, done_by, audience))
    await writer.flush(work, waker)
    return True


async def reopen(
    work: Work, waker: Waker, now: datetime, project_id: UUID, obligation: str, day: date, *, evidence_id: str
) -> bool:
    """What was done by this evidence is taken back: it is owed again, as if it had not been done.

    False: it was not done by that.
    """
    one = await _milestone(work, project_id, obligation, day)
    if one is None or one.state != "done" or evidence_id not in {item.get("id") for item in one.evidence}:
        return False
    its = await book_for(work, one)
    known = its.obligations.get(obligation)
    if known is None:
        return False
    await tasks.forget_fulfilled(work, one.id)
    row = row_of(one)
    undone = replace(row, kept=Kept(row.kept.first_due_on, row.kept.promised_at))
    writer = Writer(now, told=True)
    change = change_of(undone, known, undone.planned, now)
    assert change is not None, "what is not done stands otherwise than done"
    writer.write(where_of(one, its), [change])
    await writer.flush(work, waker)
    return True


async def _milestone(work: Work, project_id: UUID, obligation: str, day: date) -> Any | None:
    journey = await journeys.journey_of_project(work, project_id)
    if journey is None:
        return None
    known = (await book_for(work, journey)).obligations.get(obligation)
    if known is None:
        return None
    occurrence = first_day(known.every, day) if known.every is not None else None
    return await journeys.milestone_at(work, journey.id, obligation, occurrence)
