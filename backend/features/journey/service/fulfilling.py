"""What is owed and another feature does: a project's monthly post (S3-26), the notices of the warranty (WR-13, WR-14).

Done by the deed, without a task's form.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from backend.features.journey.service.turning import RELAY, lay_next, where_of
from backend.features.journey.service.writing import Writer
from backend.features.standard.document import Obligation
from backend.platform.outbox import Waker, enqueue
from backend.platform.threads import Audience, NewEntry


@dataclass(frozen=True, slots=True)
class Deed:
    """An obligation that the product has done for an ownership by itself. `evidence` has a `kind` and an `id`.

    It keeps the promise that was for `due_on`, and no other of that obligation.
    """

    ownership_id: UUID
    obligation: str
    due_on: date
    evidence: dict[str, Any]


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
    writer.entries.append(_done_entry(one, its.obligations.get(obligation), done_by, evidence))
    await writer.flush(work, waker)
    return True


async def fulfil_promises(work: Work, waker: Waker, now: datetime, deeds: Sequence[Deed]) -> int:
    """These are done, now. Returns how many of them were owed.

    Threads are written on last: whoever turns milestones at this moment holds no thread while we wait for a timer.
    """
    by_place = {(deed.ownership_id, deed.obligation, deed.due_on): deed for deed in deeds}
    found = await journeys.milestones_owed(work, by_place) if by_place else ()
    writer = Writer(now, told=True)
    evidence = {}
    for one in found:
        deed = by_place[one.ownership_id, one.obligation, one.due_on]
        known = (await book_for(work, one)).obligations.get(one.obligation)
        evidence[one.id] = json.dumps([deed.evidence], ensure_ascii=False)
        writer.cancel(one.id)
        writer.entries.append(_done_entry(one, known, None, deed.evidence))
    if evidence:
        await tasks.write_done_by_itself(work, now, evidence)
        await writer.flush(work, waker)
    return len(evidence)


async def fulfil_milestone(
    work: Work,
    waker: Waker,
    now: datetime,
    milestone_id: UUID,
    *,
    done_at: datetime,
    done_by: UUID,
    evidence: Sequence[dict[str, Any]],
    late_reason: str | None = None,
) -> bool:
    """An obligation that somebody has kept elsewhere, such as by a visit, is done, with these as its evidence.

    False: it is not owed, or was done before. Each of `evidence` has a `kind` and an `id`.
    """
    one = await journeys.milestone(work, milestone_id)
    if one.state not in ("coming", "due", "late"):
        return False
    its = await book_for(work, one)
    writer = Writer(now, told=True)
    await tasks.write_fulfilled(
        work,
        one.id,
        done_at=done_at,
        done_by=done_by,
        evidence=json.dumps(list(evidence), ensure_ascii=False),
        recorded_at=now,
        late_reason=late_reason,
    )
    writer.cancel(one.id)
    known = its.obligations.get(one.obligation)
    writer.entries.append(_done_entry(one, known, done_by, *evidence, late_reason=late_reason, at=done_at))
    await writer.flush(work, waker)
    if one.obligation in its.awaited:
        await enqueue(work, waker, RELAY, {"journey_ids": [str(one.journey_id)]})
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


def _done_entry(
    one: Any,
    known: Obligation | None,
    done_by: UUID | None,
    *evidence: dict[str, Any],
    late_reason: str | None = None,
    at: datetime | None = None,
) -> NewEntry:
    audience: Audience = "all" if known is not None and known.owner_sees else "staff"
    body = {
        "obligation": one.obligation,
        "occurrence": one.occurrence.isoformat() if one.occurrence else None,
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "evidence": [item["kind"] for item in evidence],
        "late_reason": late_reason,
    }
    return NewEntry(one.thread_id, "milestone_done", body, done_by, audience, at=at)


async def _milestone(work: Work, project_id: UUID, obligation: str, day: date) -> Any | None:
    journey = await journeys.journey_of_project(work, project_id)
    if journey is None:
        return None
    known = (await book_for(work, journey)).obligations.get(obligation)
    if known is None:
        return None
    occurrence = first_day(known.every, day) if known.every is not None else None
    return await journeys.milestone_at(work, journey.id, obligation, occurrence)
