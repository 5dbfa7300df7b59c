"""The clocks of a case as its moves start, stop, hold and end them (CT-05). Values are the standard's, frozen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.escalation.service import end
from backend.features.hotline.models import Case, CaseClock
from backend.features.hotline.repository.clocks import clocks_of
from backend.features.hotline.rules import clocks as rules
from backend.features.hotline.service.counting import due_at, marks_of, put_off, rule_at
from backend.features.standard.service import Clock, Standard, stored
from backend.platform.calendar import Calendar, Due, calendar_of
from backend.platform.outbox import Waker
from backend.platform.timers import NewTimer, schedule_many

CLOCK: Final = "case_clock"
"""The kind of timer at which a clock is looked at: a warning, or its due time."""

URGENT: Final = "urgent-dispatch"
"""The setting that says how soon an urgent case is contacted; while not set, as any other (GP-25, HC-24)."""


@dataclass(slots=True)
class Clocks:
    """All clocks of one case, in the transaction that holds it. `by`: who makes the move; None: the system."""

    work: Work
    case: Case
    now: datetime
    by: UUID | None
    rows: list[CaseClock]
    calendar: Calendar | None = None
    _moved: dict[UUID, CaseClock] = field(default_factory=dict)
    _left: dict[UUID, rules.Left] = field(default_factory=dict)

    @classmethod
    async def of(cls, work: Work, case: Case, now: datetime, by: UUID | None) -> "Clocks":
        """Those of a case that is locked."""
        return cls(work, case, now, by, list(await clocks_of(work, case.id)))

    def open(self, code: str) -> CaseClock | None:
        """The clock of a code that has not ended; None: there is none."""
        return next((one for one in self.rows if one.code == code and one.state in rules.OPEN), None)

    async def start(self, code: str, at: datetime | None = None) -> CaseClock | None:
        """Have a clock of the standard run from `at`, or now; None: the standard does not set it, or nobody is owed it.

        One that runs already runs on.
        """
        clock = await self._of_standard(code)
        if clock is None or clock.due is None or self.open(code) is not None:
            return None
        if not rules.owed(code, contactable=self.case.contactable, common_part=self.case.common_part):
            return None
        starts = at or self.now
        limit = clock.due.model_dump()
        outside = None if clock.outside_hours is None else clock.outside_hours.model_dump()
        if code == "C2" and self.case.severity == "urgent" and (sooner := await self._setting(URGENT)):
            limit, outside = sooner, None
        calendar = await self._calendar()
        rule = rule_at(calendar, starts, limit, outside)
        return self._add(code, starts, due_at(calendar, starts, rule), rule, calendar, clock.warn_at)

    async def agree(self, code: str, agreed: datetime, reason: str | None = None) -> CaseClock:
        """Have a clock run until what was agreed with the owner. Agreed anew, its first promise stays (HC-32)."""
        calendar = await self._calendar()
        clock = await self._of_standard(code)
        warn_at = () if clock is None else clock.warn_at
        running = self.open(code)
        if running is not None:
            await self.revise(running, agreed, reason or "agreed", warn_at)
            return running
        promised = Due(moment=agreed, day=agreed.date(), provisional=False, hours_set=True, counted=())
        return self._add(code, self.now, promised, None, calendar, warn_at)

    async def revise(
        self, clock: CaseClock, new_due: datetime, reason: str, warn_at: Sequence[int] | None = None
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
        clock.marks, clock.warned = [one.isoformat() for one in marks], rules.passed(marks, self.now)
        if clock.state == "paused":
            # What is agreed while it stands still is not moved by how long it had stood before.
            stood = clock.pauses[-1] | {"until": self.now.isoformat()}
            again = {"from": self.now.isoformat(), "why": clock.pauses[-1]["why"]}
            clock.pauses, clock.paused_at = [*clock.pauses[:-1], stood, again], self.now
        else:
            self._moved[clock.id] = clock
        self._left[clock.id] = "revised"

    def meet(self, code: str, act: str) -> CaseClock | None:
        """What a clock is about has happened, by the act that ends it; None: it ran no more."""
        clock = self.open(code)
        if clock is not None:
            state = "running" if clock.state == "paused" else clock.state
            # One that stands still is as late as it was when it stopped.
            moment = max(clock.paused_at or self.now, clock.starts_at)
            clock.state = rules.ended(state, clock.due_at, moment)
            if clock.state == "met_late" and clock.breached_at is None:
                clock.breached_at = clock.due_at
            self._end(clock, act, "met")
        return clock

    def void(self, codes: Collection[str], act: str) -> None:
        """Clocks are about nothing any more. One that was late keeps since when."""
        for clock in self.rows:
            if clock.state in rules.OPEN and clock.code in codes:
                clock.state = "void"
                self._end(clock, act, "void")

    def pause(self, reason: str) -> list[str]:
        """What runs stands still, for a reason the owner sees; but for what is ours alone. Their codes."""
        stopped = []
        for clock in self.rows:
            if clock.state == "running" and clock.code not in rules.GOES_ON:
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

        The timer of a clock that has ended is left to find that: whoever fires it holds it, and waits for the case.
        """
        await self.work.flush()
        for why in rules.LEAVES:
            if gone := sorted(id_ for id_, left in self._left.items() if left == why):
                await end(self.work, gone, why, self.now)
        await schedule_many(self.work, waker, [timer_of(one) for one in self._moved.values()])

    def _goes_on(self, clock: CaseClock) -> None:
        clock.pauses = [*clock.pauses[:-1], clock.pauses[-1] | {"until": self.now.isoformat()}]
        clock.paused_at = None

    def _end(self, clock: CaseClock, act: str, why: rules.Left) -> None:
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
        promised: Due,
        rule: rules.Rule | None,
        calendar: Calendar,
        warn_at: Sequence[int],
    ) -> CaseClock:
        marks = marks_of(calendar, rule, starts, promised.moment, warn_at)
        clock = CaseClock(
            id=new_id(),
            case_id=self.case.id,
            code=code,
            number=1 + max((one.number for one in self.rows if one.code == code), default=0),
            round=self.case.round,
            starts_at=starts,
            due_at=promised.moment,
            first_promise=promised.moment,
            rule=rule,
            marks=[one.isoformat() for one in marks],
            warned=0,
            calendar_version=calendar.version,
            provisional=promised.provisional,
            state="running",
            pauses=[],
            revisions=[],
        )
        self.rows.append(clock)
        self.work.add(clock)
        self._moved[clock.id] = clock
        return clock

    async def _shares(self, code: str) -> Sequence[int]:
        clock = await self._of_standard(code)
        return () if clock is None else clock.warn_at

    async def _of_standard(self, code: str) -> Clock | None:
        standard = await self._standard()
        return None if standard is None else next((one for one in standard.clocks if one.code == code), None)

    async def _setting(self, code: str) -> dict[str, Any] | None:
        standard = await self._standard()
        settings = () if standard is None else standard.settings
        return next(
            (one.due.model_dump() for one in settings if one.code == code and one.due is not None), None
        )

    async def _standard(self) -> Standard | None:
        if self.case.standard_version_id is None:
            return None
        return (await stored(self.work, self.case.standard_version_id)).document

    async def _calendar(self) -> Calendar:
        if self.calendar is None:
            self.calendar = await calendar_of(self.work, self.case.node_id)
        return self.calendar


def timer_of(clock: CaseClock) -> NewTimer:
    """The timer at which a running clock is looked at next: its next warning, or when it is due."""
    marks = [datetime.fromisoformat(one) for one in clock.marks]
    moment = rules.next_look(marks, clock.warned, clock.due_at)
    return NewTimer(CLOCK, str(clock.id), moment, {"clock": str(clock.id)})
