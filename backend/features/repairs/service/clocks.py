"""The clocks of a ticket as its moves start, stop, hold and end them (CT-05). Values are the standard's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.escalation.service import EndedWhy, end
from backend.features.repairs.models import Ticket, TicketClock
from backend.features.repairs.repository import tickets
from backend.features.repairs.rules import clocks as rules
from backend.features.repairs.service.counting import due_at, resumed, rule_at
from backend.features.standard.service import Clock, Standard, stored
from backend.platform.calendar import Calendar, calendar_of
from backend.platform.outbox import Waker
from backend.platform.timers import NewTimer, schedule_many

CLOCK: Final = "ticket_clock"
"""The kind of timer at which a clock is looked at: a warning, or its due time."""

URGENT: Final = "urgent-dispatch"
"""The setting that says how soon an urgent repair is contacted; while not set, as any other (GP-25)."""


@dataclass(slots=True)
class Clocks:
    """All clocks of one ticket, in the transaction that holds it. `adds`: new ones go into the session."""

    work: Work
    ticket: Ticket
    now: datetime
    rows: list[TicketClock]
    calendar: Calendar | None = None
    adds: bool = True
    _moved: dict[UUID, TicketClock] = field(default_factory=dict)
    _new: set[UUID] = field(default_factory=set)
    _ended: dict[EndedWhy, list[UUID]] = field(default_factory=dict)

    @classmethod
    async def of(cls, work: Work, ticket: Ticket, now: datetime) -> "Clocks":
        """Those of a ticket that is locked."""
        return cls(work, ticket, now, list(await tickets.clocks_of(work, ticket.id)))

    def open(self, code: str) -> TicketClock | None:
        """The clock of a code that has not ended; None: there is none."""
        return next((one for one in self.rows if one.code == code and one.state in rules.OPEN), None)

    async def start(self, code: str) -> TicketClock | None:
        """Have a clock of the standard run from now; None: the standard does not set it."""
        clock = await self._of_standard(code)
        if clock is None or clock.due is None:
            return None
        limit = clock.due.model_dump()
        outside = None if clock.outside_hours is None else clock.outside_hours.model_dump()
        if code == "C2" and self.ticket.urgent and (sooner := await self._setting(URGENT)) is not None:
            limit, outside = sooner, None
        calendar = await self._calendar()
        rule = rule_at(calendar, self.now, limit, outside)
        return self._add(code, due_at(calendar, self.now, rule), rule, clock.warn_at)

    async def agree(self, code: str, agreed: datetime) -> TicketClock:
        """Have a clock run until what was agreed with the owner. Agreed anew, its first promise stays."""
        running = self.open(code)
        if running is not None:
            self._end(running, "revised")
            running.due_at, running.breached_at = agreed, None
            if running.state == "breached" and agreed > self.now:
                running.state = "running"
            if running.state == "paused":
                # What was agreed while it stands still is not moved by how long it had stood before.
                why = running.pauses[-1]["why"]
                stood = running.pauses[-1] | {"until": self.now.isoformat()}
                again = {"from": self.now.isoformat(), "why": why}
                running.pauses, running.paused_at = [*running.pauses[:-1], stood, again], self.now
                return running
            self._moved[running.id] = running
            return running
        clock = await self._of_standard(code)
        return self._add(code, agreed, None, () if clock is None else clock.warn_at)

    def meet(self, code: str, at: datetime | None = None) -> TicketClock | None:
        """What a clock is about has happened; None: it ran no more."""
        clock = self.open(code)
        if clock is not None:
            self._end(clock, "met")
            moment = max(at or self.now, clock.starts_at)
            state = "running" if clock.state == "paused" else clock.state
            clock.state, clock.paused_at = rules.ended(state, clock.due_at, moment), None
            clock.ended_at = moment
        return clock

    def void(self, codes: Collection[str] | None = None) -> None:
        """Clocks, or all of them, are about nothing any more."""
        for clock in self.rows:
            if clock.state in rules.OPEN and (codes is None or clock.code in codes):
                self._end(clock, "void")
                clock.state, clock.paused_at, clock.ended_at = "void", None, max(self.now, clock.starts_at)

    def pause(self, reason: str) -> None:
        """What runs stands still, for a reason the owner sees; but for the first contact."""
        for clock in self.rows:
            if clock.state == "running" and clock.code != rules.GOES_ON:
                self._end(clock, "paused")
                clock.state, clock.paused_at = "paused", self.now
                clock.pauses = [*clock.pauses, {"from": self.now.isoformat(), "why": reason}]

    async def resume(self) -> None:
        """What stood still runs on, with what was left of it."""
        for clock in self.rows:
            if clock.state != "paused" or clock.paused_at is None:
                continue
            calendar = await self._calendar()
            clock.due_at = resumed(calendar, clock.rule, clock.due_at, clock.paused_at, self.now)
            clock.pauses = [*clock.pauses[:-1], clock.pauses[-1] | {"until": self.now.isoformat()}]
            clock.state, clock.paused_at = "running", None
            self._moved[clock.id] = clock

    async def settle(self, waker: Waker) -> None:
        """Set the timers of what runs anew, and end the chains of what is in danger no more."""
        for why, ids in self._ended.items():
            await end(self.work, ids, why, self.now)
        await schedule_many(self.work, waker, [timer_of(one, self.now) for one in self._moved.values()])

    def _add(
        self, code: str, promised: datetime, rule: rules.Rule | None, warn_at: Sequence[int]
    ) -> TicketClock:
        clock = TicketClock(
            id=new_id(),
            ticket_id=self.ticket.id,
            code=code,
            round=1 + max((one.round for one in self.rows if one.code == code), default=0),
            starts_at=self.now,
            due_at=promised,
            first_promise=promised,
            rule=rule,
            warn_at=list(warn_at),
            calendar_version=0 if self.calendar is None else self.calendar.version,
            state="running",
            pauses=[],
        )
        self.rows.append(clock)
        self._new.add(clock.id)
        if self.adds:
            self.work.add(clock)
        self._moved[clock.id] = clock
        return clock

    def _end(self, clock: TicketClock, why: EndedWhy) -> None:
        # One that is new has no chain.
        if clock.id not in self._new:
            self._ended.setdefault(why, []).append(clock.id)

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
        if self.ticket.standard_version_id is None:
            return None
        return (await stored(self.work, self.ticket.standard_version_id)).document

    async def _calendar(self) -> Calendar:
        if self.calendar is None:
            self.calendar = await calendar_of(self.work, self.ticket.project_id)
        return self.calendar


def timer_of(clock: TicketClock, after: datetime) -> NewTimer:
    """The timer at which a running clock is looked at next: its next warning, or when it is due."""
    coming = rules.moments(clock.starts_at, clock.due_at, clock.warn_at, after)
    moment = coming[0] if coming else clock.due_at
    return NewTimer(CLOCK, str(clock.id), moment, {"clock": str(clock.id)})
