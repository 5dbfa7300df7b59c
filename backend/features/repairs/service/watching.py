"""Clocks looked at when their time has come: the engineer is warned, what is late is said, people are called."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.db.work import Work
from backend.features.escalation.service import Danger, look, start
from backend.features.notices.service import About, Telling, tell_many
from backend.features.repairs.models import Ticket, TicketClock
from backend.features.repairs.repository import tickets
from backend.features.repairs.service.acting import SUBJECT, in_each_language
from backend.features.repairs.service.chain import danger, unattended_of
from backend.features.repairs.service.clocks import Clocks
from backend.features.repairs.service.parts import HOUSEHOLD
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append_many
from backend.platform.timers import NewTimer, schedule_many

RETURN_VISIT: Final = "C5"


async def look_at_clocks(work: Work, waker: Waker, now: datetime, clock_ids: Sequence[UUID]) -> None:
    """Warn before a clock is late, say that it is, have people called, and set the next look.

    Whatever runs no more is passed over. Nothing happens to a ticket by itself: its state is the people's. After work
    is done and while the owner says nothing, they are reminded at the warnings of the return visit's clock; the visit
    then decides.
    """
    entries: list[NewEntry] = []
    tellings: list[Telling] = []
    timers: list[NewTimer] = []
    dangers: list[Danger] = []
    running = [each for each in await tickets.lock_clocks(work, clock_ids) if each[1].state == "running"]
    # A thousand may be due at one instant: what is asked of each is asked of all.
    away = await unattended_of(work, now, [ticket for ticket, clock in running if clock.due_at > now])
    to_sign = [ticket.id for ticket, clock in running if _waits_for_owner(ticket, clock)]
    households = await tickets.households(work, to_sign, HOUSEHOLD) if to_sign else {}
    for ticket, clock in running:
        came = look(clock, now)
        people = [] if ticket.engineer_id is None else [ticket.engineer_id]
        if came == "late":
            body = {"clock": clock.code, "due_at": clock.due_at.isoformat()}
            entries.append(NewEntry(ticket.thread_id, "clock_late", body, None))
        else:
            timers.append(Clocks.timer_of(clock))
        in_danger = danger(ticket, clock, away=ticket.id in away)
        if in_danger is not None:
            dangers.append(in_danger)
        if came is None:
            continue
        tellings.append(_telling(ticket, clock, people, came))
        if _waits_for_owner(ticket, clock):
            tellings.append(_reminder(ticket, clock, households.get(ticket.id, ()), came))
    await work.flush()
    await append_many(work, entries)
    await schedule_many(work, waker, timers)
    await start(work, waker, dangers)
    await tell_many(work, [one for one in tellings if one.accounts])


def _telling(ticket: Ticket, clock: TicketClock, people: list[UUID], which: str) -> Telling:
    words = in_each_language(f"ticket.told_{clock.code}{'_late' if which == 'late' else ''}")
    # Revised, a clock warns anew.
    key = f"clock:{clock.id}:{len(clock.revisions)}:{which}"
    about = About(SUBJECT, ticket.id, ticket.thread_id)
    return Telling("ticket_clock", list(dict.fromkeys(people)), {"what": words}, about, key)


def _waits_for_owner(ticket: Ticket, clock: TicketClock) -> bool:
    return clock.code == RETURN_VISIT and ticket.state in {"done", "cleaned"}


def _reminder(ticket: Ticket, clock: TicketClock, people: Sequence[UUID], which: str) -> Telling:
    about = About(SUBJECT, ticket.id, ticket.thread_id)
    return Telling("ticket_to_sign", people, {}, about, f"sign:{clock.id}:{len(clock.revisions)}:{which}")
