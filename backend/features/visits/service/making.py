"""Making a visit: tries at reaching somebody, and the visit as it was made, with everything that follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Invalid
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.files.service import use
from backend.features.visits.models import VisitAnswer, VisitAttempt
from backend.features.visits.repository import visits as repository
from backend.features.visits.repository.bookings import end_bookings
from backend.features.visits.rules.answers import (
    Given,
    Sheet,
    answer_faults,
    is_low,
    made_at_fault,
)
from backend.features.visits.rules.kinds import Mode
from backend.features.visits.rules.states import Way
from backend.features.visits.service.acting import HOUSEHOLD, Acting, acting_on
from backend.features.visits.service.planning import CLOCK, SUBJECT
from backend.features.visits.service.visited import VisitDone, Visiteds
from backend.platform.process import Process
from backend.platform.timers import cancel


@dataclass(frozen=True, slots=True)
class Tried:
    """A try at reaching whom the visit is for. `at` None: just now."""

    way: Way
    reached: bool
    words: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Made:
    """A visit as it was made. `at` None: just now; of an earlier day with `late_reason` (CT-45)."""

    mode: Mode
    summary: str
    given: Given
    accepted: bool | None
    stars: int | None
    opinion: str | None
    photos: Sequence[UUID]
    at: datetime | None
    late_reason: str | None


async def try_to_reach(
    process: Process,
    work: Work,
    caller: Caller,
    now: datetime,
    visit_id: UUID,
    tried: Tried,
    visiteds: Visiteds,
) -> None:
    """Record a try, whether it reached anybody or not. No try makes a visit: its clock goes on (HC-11).

    Raises:
        NotFound, NotAllowed, Conflict: as `acting_on`, `require_maker`; `visit_over`.
        Invalid: `done_in_future`, `before_it_was_planned`.
    """
    act = await acting_on(process, work, caller, now, visit_id)
    act.require_live()
    act.require_maker()
    at = tried.at or now
    fault = made_at_fault(
        at, "", planned_at=act.visit.planned_at, now=now, day=local_date(at), today=local_date(now)
    )
    if fault is not None:
        raise Invalid(fault.code, field=fault.field)
    _attempt(act, tried.way, reached=tried.reached, words=tried.words, at=at)
    body = {"way": tried.way, "reached": tried.reached, "words": tried.words}
    act.note("visit_tried", body, at=at)
    if not tried.reached and (handler := visiteds.get(act.visit.subject_kind)):
        await handler.missed(work, process, caller, now, act.visit.subject_id, tried.words)
    await act.settle()


async def complete(
    process: Process,
    work: Work,
    caller: Caller,
    now: datetime,
    visit_id: UUID,
    made: Made,
    version: int | None,
    visiteds: Visiteds,
) -> None:
    """The visit is made: its answers are kept, and what it is about goes on by them, all in one transaction.

    Raises:
        NotFound, NotAllowed, Conflict: as `acting_on`, `require_maker`; `visit_over`; what a handler raises.
        Invalid: `visit_not_whole`, with a fault for each field: see `rules.answers`.
    """
    act = await acting_on(process, work, caller, now, visit_id, version)
    act.require_live()
    act.require_maker()
    visit, sheet = act.visit, await act.sheet()
    at = made.at or now
    faults = answer_faults(
        visit.kind, sheet, made.given, mode=made.mode, accepted=made.accepted, photos=len(made.photos)
    )
    wrong_time = made_at_fault(
        at,
        made.late_reason,
        planned_at=visit.planned_at,
        now=now,
        day=local_date(at),
        today=local_date(now),
    )
    if wrong_time is not None:
        faults = (*faults, wrong_time)
    if faults:
        raise Invalid("visit_not_whole", faults=faults)
    if made.photos:
        await show(act, made.photos)
    _attempt(act, "door" if made.mode == "house" else "phone", reached=True, words=None, at=at)
    work.add_all(_answers(visit_id, sheet, made.given))
    await end_bookings(work, [visit_id], "kept", by=caller.account_id, at=now)
    visit.state, visit.visitor_id, visit.mode = "completed", caller.account_id, made.mode
    visit.completed_at, visit.recorded_at = at, now
    visit.accepted, visit.stars, visit.low = made.accepted, made.stars, is_low(made.accepted, made.stars)
    visit.opinion, visit.summary, visit.photos = made.opinion, made.summary, list(made.photos)
    await cancel(work, CLOCK, [str(visit_id)])
    act.note("visit_completed", _line(act, made), at=at)
    told = await repository.household(work, visit_id, HOUSEHOLD)
    act.tell(told, "made", "made")
    await act.settle()
    if handler := visiteds.get(visit.subject_kind):
        await handler(work, process, caller, now, done_of(act, made))


async def show(act: Acting, photos: Sequence[UUID]) -> None:
    """Have the visit show these photos of the caller's. Raises as `files.service.use`."""
    await use(
        act.process,
        act.work,
        act.caller.account_id,
        SUBJECT,
        act.visit.id,
        list(dict.fromkeys(photos)),
        kind="photo",
        field="photos",
        further=True,
    )


def done_of(act: Acting, made: Made) -> VisitDone:
    """A visit as the others are told of it."""
    visit = act.visit
    return VisitDone(
        visit_id=visit.id,
        kind=visit.kind,
        subject_kind=visit.subject_kind,
        subject_id=visit.subject_id,
        visitor_id=act.caller.account_id,
        at=made.at or act.now,
        mode=made.mode,
        accepted=visit.accepted,
        stars=visit.stars,
        low=visit.low,
        opinion=visit.opinion,
        summary=made.summary,
        photos=tuple(made.photos),
        late_reason=made.late_reason,
    )


def _attempt(act: Acting, way: Way, *, reached: bool, words: str | None, at: datetime) -> None:
    act.work.add(
        VisitAttempt(
            id=new_id(),
            visit_id=act.visit.id,
            by_id=act.caller.account_id,
            way=way,
            reached=reached,
            words=words,
            at=at,
            recorded_at=act.now,
        )
    )


def _answers(visit_id: UUID, sheet: Sheet, given: Given) -> list[VisitAnswer]:
    def row(part: str, line: object, rules: Sequence[str], **more: Any) -> VisitAnswer:
        return VisitAnswer(visit_id=visit_id, part=part, line=str(line), rules=list(rules), **more)

    return [
        *(
            row("script", one.line, sheet.questions[one.line].rules, said=one.said, yes=one.yes)
            for one in given.answers
        ),
        *(
            row("check", one.line, sheet.checks[one.line].rules, said=one.words, yes=one.sound)
            for one in given.checks
        ),
        *(
            row("A2", one.action, (*_A2, *sheet.actions[one.action].rules), yes=one.done)
            for one in given.done
        ),
        *(
            row("A3", one.action, (*_A3, *sheet.actions[one.action].rules), score=one.stars)
            for one in given.scored
        ),
    ]


def _line(act: Acting, made: Made) -> dict[str, Any]:
    return {
        "mode": made.mode,
        "accepted": made.accepted,
        "stars": made.stars,
        "opinion": made.opinion,
        "summary": made.summary,
        "unsound": [one.line for one in made.given.checks if not one.sound],
        "late_reason": made.late_reason,
        "late": act.visit.breached_at is not None,
    }


_A2: Final = ("RV-18",)
_A3: Final = ("RV-19",)
