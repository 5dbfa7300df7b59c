"""What a new version would move, and moving it once somebody has decided so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.db.work import Work
from backend.platform.calendar import repository
from backend.platform.calendar.days import Calendar
from backend.platform.calendar.due import due, read_rule, write_rule
from backend.platform.calendar.finding import calendar_of
from backend.platform.calendar.models import CalendarMove, CalendarVersion
from backend.platform.calendar.running import ClockProviders, RunningClock, Window


async def list_moves(
    work: Work, clocks: ClockProviders, version: CalendarVersion, window: Window | None
) -> None:
    """Write down which running clocks the calendar as it stands now would move. Their due times stay as they are.

    Raises:
        Invalid: `calendar_never_opens`, `calendar_too_far`, when one of them would never be due.
    """
    calendars: dict[UUID, Calendar] = {}
    for clock in await clocks.running(work, [version.node_id], window):
        if clock.node_id not in calendars:
            calendars[clock.node_id] = await calendar_of(work, clock.node_id)
        new = due(calendars[clock.node_id], clock.start, clock.rule)
        if new.moment != clock.due:
            work.add(_move(version, clock, new.moment, provisional=new.provisional))
    await work.flush()


@dataclass(frozen=True, slots=True)
class Revision:
    """What became of clocks that were to be revised: their moves, and how many were passed over."""

    revised: Sequence[CalendarMove]
    passed_over: int


async def revise_clocks(
    work: Work,
    clocks: ClockProviders,
    number: int,
    subjects: Sequence[UUID] | None,
    *,
    reason: str,
    actor: UUID,
    now: datetime,
) -> Revision:
    """Give the running clocks of these subjects (None: of all) the due times a version would move them to.

    Passed over is what is revised already or no longer fits: a clock that has ended or is due otherwise by now, and one
    that a still newer version would move elsewhere.
    """
    held = await repository.moves_to_revise(work, number, subjects)
    calendars: dict[UUID, Calendar] = {}
    revised = []
    for move in held:
        provider = clocks.of(move.subject_kind)
        clock = _clock(move)
        if clock.node_id not in calendars:
            calendars[clock.node_id] = await calendar_of(work, clock.node_id)
        fits = due(calendars[clock.node_id], clock.start, clock.rule).moment == move.new_due
        if provider is None or not fits:
            continue
        if await provider.revise(work, clock, move.new_due, reason, actor):
            move.revised_at, move.revised_by, move.revision_reason = now, actor, reason
            revised.append(move)
    await work.flush()
    return Revision(revised, len(held) - len(revised))


def _move(
    version: CalendarVersion, clock: RunningClock, new_due: datetime, *, provisional: bool
) -> CalendarMove:
    return CalendarMove(
        version=version.number,
        clock_id=clock.id,
        subject_kind=clock.subject_kind,
        subject_id=clock.subject_id,
        node_id=clock.node_id,
        name=clock.name,
        started_at=clock.start,
        rule=write_rule(clock.rule),
        counted_by=clock.calendar_version,
        old_due=clock.due,
        new_due=new_due,
        provisional=provisional,
    )


def _clock(move: CalendarMove) -> RunningClock:
    return RunningClock(
        id=move.clock_id,
        subject_kind=move.subject_kind,
        subject_id=move.subject_id,
        node_id=move.node_id,
        name=move.name,
        start=move.started_at,
        rule=read_rule(move.rule),
        due=move.old_due,
        calendar_version=move.counted_by,
    )
