"""The clocks of one subject as its moves start, stop, hold and end them (CT-05). Values are the standard's, frozen."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, TypeVar
from uuid import UUID

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.escalation.service.ending import end
from backend.features.standard.document import counted_by
from backend.features.standard.service import Clock, Due, Standard, stored
from backend.platform.calendar import Calendar, calendar_of, is_working
from backend.platform.clocks import (
    LEAVES,
    OPEN,
    ClockRow,
    Left,
    Rule,
    due_at,
    ended,
    marks_of,
    next_look,
    passed,
    put_off,
)
from backend.platform.outbox import Waker
from backend.platform.timers import NewTimer, schedule_many

FIRST_CONTACT: Final = "C2"

URGENT: Final = "urgent-dispatch"
"""The setting that says how soon what is urgent is contacted; while not set, as anything else (GP-25, HC-24)."""

Row = TypeVar("Row", bound=ClockRow)


@dataclass(slots=True)
class Promises(ABC, Generic[Row]):
    """All clocks of one subject, in the transaction that holds it.

    `by`: who makes the move; None: the system. `node_id`: by whose calendar they count.
    """

    TIMER: ClassVar[str]
    """The kind of timer at which a clock is looked at: a warning, or its due time."""

    GOES_ON: ClassVar[frozenset[str]]
    """Ours alone: nobody waits for an owner whom they have not called, so these never stand still."""

    work: Work
    now: datetime
    by: UUID | None
    node_id: UUID
    standard_version_id: UUID | None
    rows: list[Row]
    calendar: Calendar | None = field(default=None, init=False)
    _moved: dict[UUID, Row] = field(default_factory=dict, init=False)
    _left: dict[UUID, Left] = field(default_factory=dict, init=False)

    @abstractmethod
    def new(self, **columns: Any) -> Row:
        """A clock of the subject, to be written."""

    @abstractmethod
    def urgent(self) -> bool:
        """Whether the subject is urgent."""

    def pointless(self) -> Collection[str]:
        """The clocks of the standard that nobody is owed here."""
        return ()

    def open(self, code: str) -> Row | None:
        """The clock of a code that has not ended; None: there is none."""
        return next((one for one in self.rows if one.code == code and one.state in OPEN), None)

    async def start(self, code: str, at: datetime | None = None) -> Row | None:
        """Have a clock of the standard run from `at`, or now; None: the standard does not set it, or nobody is owed it.

        One that runs already runs on.
        """
        clock = await self._of_standard(code)
        if clock is None or clock.due is None or self.open(code) is not None or code in self.pointless():
            return None
        starts = at or self.now
        calendar = await self._calendar()
        limit = clock.limit(working=is_working(calendar, starts)) or clock.due
        if code == FIRST_CONTACT and self.urgent():
            limit = await self._setting(URGENT) or limit
        rule = counted_by(limit.model_dump())
        promised = due_at(calendar, starts, rule)
        return self._add(
            code, starts, promised.moment, rule, clock.warn_at, calendar, provisional=promised.provisional
        )

    async def agree(self, code: str, agreed: datetime, reason: str | None = None) -> Row:
        """Have a clock run until what was agreed with the owner. Agreed anew, its first promise stays (HC-32)."""
        shares = await self._shares(code)
        running = self.open(code)
        if running is not None:
            await self.revise(running, agreed, reason or "agreed", shares)
            return running
        return self._add(code, self.now, agreed, None, shares, await self._calendar(), provisional=False)

    async def revise(
        self, clock: Row, new_due: datetime, reason: str, warn_at: Sequence[int] | None = None
    ) -> None:
        """Give an open clock another due time; what was promised first stays, and each change is kept with its why."""
        shares = await self._shares(clock.code) if warn_at is None else warn_at
        calendar = await self._calendar()
        clock.revisions = [
            *clock.revisions,
            {
                "from": clock.due_at.isoformat(),
                "to": new_due.isoformat(),
                "why": reason,
                "by": None if self.by is None else str(self.by),
                "at": self.now.isoformat(),
            },
        ]
        clock.due_at = new_due
        if clock.state == "breached" and new_due > self.now:
            clock.state = "running"
        marks = marks_of(calendar, clock.rule, clock.starts_at, new_due, shares)
        if marks and marks[-1] <= self.now < new_due:
            # The last warning would have been: it warns at shares of what is left, so that nobody is called as of then.
            marks = marks_of(calendar, clock.rule, self.now, new_due, shares)
        clock.marks, clock.warned = [one.isoformat() for one in marks], passed(marks, self.now)
        if clock.state == "paused":
            # What is agreed while it stands still is not moved by how long it had stood before.
            stood = clock.pauses[-1] | {"until": self.now.isoformat()}
            again = {"from": self.now.isoformat(), "why": clock.pauses[-1]["why"]}
            clock.pauses, clock.paused_at = [*clock.pauses[:-1], stood, again], self.now
        else:
            self._moved[clock.id] = clock
        self._left[clock.id] = "revised"

    def meet(self, code: str, act: str) -> Row | None:
        """What a clock is about has happened, by the act that ends it; None: it ran no more."""
        clock = self.open(code)
        if clock is not None:
            state = "running" if clock.state == "paused" else clock.state
            # One that stands still is as late as it was when it stopped.
            moment = max(clock.paused_at or self.now, clock.starts_at)
            clock.state = ended(state, clock.due_at, moment)
            if clock.state == "met_late" and clock.breached_at is None:
                clock.breached_at = clock.due_at
            self._end(clock, act, "met")
        return clock

    def void(self, codes: Collection[str] | None, act: str) -> None:
        """Clocks, or all of them, are about nothing any more. One that was late keeps since when."""
        for clock in self.rows:
            if clock.state in OPEN and (codes is None or clock.code in codes):
                clock.state = "void"
                self._end(clock, act, "void")

    def pause(self, reason: str) -> list[str]:
        """What runs stands still, for a reason the owner sees; but for what is ours alone. Their codes."""
        stopped = []
        for clock in self.rows:
            if clock.state == "running" and clock.code not in self.GOES_ON:
                clock.state, clock.paused_at = "paused", self.now
                clock.pauses = [*clock.pauses, {"from": self.now.isoformat(), "why": reason}]
                self._left[clock.id] = "paused"
                stopped.append(clock.code)
        return stopped

    async def resume(self) -> None:
        """What stood still runs on, with what was left of it, counted as it was counted."""
        for clock in self.rows:
            if clock.state != "paused" or clock.paused_at is None:
                continue
            calendar, since = await self._calendar(), clock.paused_at
            marks = [datetime.fromisoformat(one) for one in clock.marks]
            moved = [put_off(calendar, clock.rule, one, since, self.now) for one in marks]
            if marks and marks[-1] <= since:
                # In danger when it stopped, in danger still: what calls begins anew, and not as of then.
                moved[-1], clock.warned = self.now, min(clock.warned, len(marks) - 1)
            clock.marks = [one.isoformat() for one in moved]
            clock.due_at = put_off(calendar, clock.rule, clock.due_at, since, self.now)
            clock.state = "running"
            self._goes_on(clock)
            self._moved[clock.id] = clock

    async def settle(self, waker: Waker) -> None:
        """End the chains of what is in danger no more, and set the timers of what runs anew.

        The timer of a clock that has ended is left to find that: whoever fires it holds it, and waits for the subject.
        """
        await self.work.flush()
        for why in LEAVES:
            if gone := sorted(id_ for id_, left in self._left.items() if left == why):
                await end(self.work, gone, why, self.now)
        await schedule_many(self.work, waker, [self.timer_of(one) for one in self._moved.values()])

    @classmethod
    def timer_of(cls, clock: Row) -> NewTimer:
        """The timer at which a running clock is looked at next."""
        return NewTimer(cls.TIMER, str(clock.id), next_moment(clock), {"clock": str(clock.id)})

    def _goes_on(self, clock: Row) -> None:
        clock.pauses = [*clock.pauses[:-1], clock.pauses[-1] | {"until": self.now.isoformat()}]
        clock.paused_at = None

    def _end(self, clock: Row, act: str, why: Left) -> None:
        if clock.paused_at is not None:
            self._goes_on(clock)
        clock.ended_at = max(self.now, clock.starts_at)
        clock.ended_by, clock.ended_act = self.by, act
        # One that began in this transaction has no chain yet.
        if self._moved.pop(clock.id, None) is None:
            self._left[clock.id] = why

    def _add(
        self,
        code: str,
        starts: datetime,
        promised: datetime,
        rule: Rule | None,
        warn_at: Sequence[int],
        calendar: Calendar,
        *,
        provisional: bool,
    ) -> Row:
        clock = self.new(
            id=new_id(),
            code=code,
            number=1 + max((one.number for one in self.rows if one.code == code), default=0),
            starts_at=starts,
            due_at=promised,
            first_promise=promised,
            rule=rule,
            marks=[one.isoformat() for one in marks_of(calendar, rule, starts, promised, warn_at)],
            warned=0,
            calendar_version=calendar.version,
            provisional=provisional,
            state="running",
            pauses=[],
            revisions=[],
        )
        self.rows.append(clock)
        self._moved[clock.id] = clock
        return clock

    async def _shares(self, code: str) -> Sequence[int]:
        clock = await self._of_standard(code)
        return () if clock is None else clock.warn_at

    async def _of_standard(self, code: str) -> Clock | None:
        standard = await self._standard()
        return None if standard is None else next((one for one in standard.clocks if one.code == code), None)

    async def _setting(self, code: str) -> Due | None:
        standard = await self._standard()
        settings = () if standard is None else standard.settings
        return next((one.due for one in settings if one.code == code), None)

    async def _standard(self) -> Standard | None:
        if self.standard_version_id is None:
            return None
        return (await stored(self.work, self.standard_version_id)).document

    async def _calendar(self) -> Calendar:
        if self.calendar is None:
            self.calendar = await calendar_of(self.work, self.node_id)
        return self.calendar


def next_moment(clock: ClockRow) -> datetime:
    """When a running clock is looked at next: at its next warning, or when it is due."""
    return next_look([datetime.fromisoformat(one) for one in clock.marks], clock.warned, clock.due_at)


def look(clock: ClockRow, now: datetime) -> str | None:
    """Note on a running clock what has come by now: `late`, the number of its latest warning; None: nothing new."""
    marks = [datetime.fromisoformat(one) for one in clock.marks]
    if clock.due_at <= now:
        clock.state, clock.breached_at, clock.warned = "breached", clock.due_at, len(marks)
        return "late"
    before, clock.warned = clock.warned, passed(marks, now)
    return str(clock.warned) if clock.warned > before else None


def in_danger_since(clock: ClockRow, *, soon: bool = False) -> datetime | None:
    """Since when a clock is in danger: its last warning, however late it is looked at; `soon`: since any of them.

    None: it is not.
    """
    if clock.warned == len(clock.marks):
        late = clock.state == "breached"
        if not clock.marks:
            return clock.due_at if late else None
        return datetime.fromisoformat(clock.marks[-1])
    return datetime.fromisoformat(clock.marks[clock.warned - 1]) if soon and clock.warned else None
