"""What a new version would move, and moving it once somebody has decided so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.core.errors import Invalid
from backend.db.work import Work
from backend.platform.calendar import repository
from backend.platform.calendar.days import Calendar
from backend.platform.calendar.due import due, read_rule, write_rule
from backend.platform.calendar.finding import calendar_of
from backend.platform.calendar.models import CalendarMove, CalendarVersion
from backend.platform.calendar.rules import Due
from backend.platform.calendar.running import ClockProviders, RunningClock

Standing = Sequence[tuple[RunningClock, datetime | None]]
"""Running clocks, each with the due time by the calendar as it stands; None where that one can give none."""


async def standing(
    work: Work, clocks: ClockProviders, node_id: UUID, started_before: datetime | None
) -> Standing:
    """What a change at this node may touch: to be asked before it is written.

    A clock may be due otherwise than by its calendar: earlier versions have moved nothing that nobody revised.
    """
    calendars = _Calendars(work)
    found = []
    for clock in await clocks.running(work, [node_id], started_before):
        try:
            moment: datetime | None = (await calendars.due(clock)).moment
        except Invalid:
            moment = None
        found.append((clock, moment))
    return found


async def list_moves(work: Work, version: CalendarVersion, before: Standing) -> None:
    """Write down which of these the new version would move, once it is written. Their due times stay as they are.

    Raises:
        Invalid: `calendar_never_opens`, `calendar_too_far`, when one of them would never be due.
    """
    calendars = _Calendars(work)
    for clock, moment in before:
        new = await calendars.due(clock)
        if new.moment not in {moment, clock.due}:
            work.add(_move(version, clock, new.moment, provisional=new.provisional))
    await work.flush()


class _Calendars:
    """Counts clocks by their nodes' calendars as they are now, each looked up once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._found: dict[UUID, Calendar] = {}

    async def due(self, clock: RunningClock) -> Due:
        if clock.node_id not in self._found:
            self._found[clock.node_id] = await calendar_of(self._work, clock.node_id)
        return due(self._found[clock.node_id], clock.start, clock.rule)


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
    calendars = _Calendars(work)
    revised = []
    for move in held:
        provider = clocks.of(move.subject_kind)
        clock = _clock(move)
        if provider is None or (await calendars.due(clock)).moment != move.new_due:
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
