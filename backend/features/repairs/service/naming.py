"""Naming the one engineer of a ticket that was reported while nobody repaired there (RP-04, HC-21)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from backend.core.clock import local_date
from backend.db.work import Work
from backend.features.notices.service import About, Telling, tell_many
from backend.features.repairs.models import Ticket
from backend.features.repairs.repository import opening, tickets, unattended
from backend.features.repairs.rules.choosing import Choice, choose
from backend.features.repairs.service.acting import SUBJECT, in_each_language
from backend.features.repairs.service.clocks import Clocks
from backend.features.repairs.service.parts import HOUSEHOLD
from backend.features.roster.service import on_duty
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append_many

_AT_ONCE: Final = 200
"""How many are taken in hand at a time, the longest waiting first."""


async def choice_for(work: Work, now: datetime, node_id: UUID, trade: str) -> Choice | None:
    """Whom a ticket of a trade gets at a node now; None: nobody repairs there."""
    there = await opening.engineers_at(work, node_id, local_date(now))
    duty = {one.account_id for one in await on_duty(work, node_id, "repair_engineer", now)}
    return choose(trade, opening.candidates(there, frozenset(duty)))


async def name_waiting(work: Work, waker: Waker, now: datetime) -> None:
    """Whoever can be named by now is: recorded, and in the hands of a person who is told, so C1 ends (HC-20)."""
    entries: list[NewEntry] = []
    tellings: list[Telling] = []
    for ticket in await unattended.lock_unnamed(work, _AT_ONCE):
        choice = await choice_for(work, now, ticket.node_id, ticket.trade)
        if choice is None:
            continue
        ticket.engineer_id, ticket.because, ticket.changed_at = choice.account_id, choice.because, now
        clocks = await Clocks.of(work, ticket, now, None)
        clocks.meet("C1", "dispatch")
        await clocks.settle(waker)
        named = {"engineer": str(choice.account_id), "name": choice.name, "because": choice.because}
        entries.append(NewEntry(ticket.thread_id, "engineer_named", named, None))
        tellings += await _tellings(work, ticket, choice.account_id)
    await work.flush()
    await append_many(work, entries)
    await tell_many(work, tellings)


async def _tellings(work: Work, ticket: Ticket, engineer_id: UUID) -> list[Telling]:
    about, key = About(SUBJECT, ticket.id, ticket.thread_id), f"ticket:{ticket.id}:named"
    household = await tickets.household(work, ticket, HOUSEHOLD)
    words = {"what": in_each_language("ticket.told_dispatched")}
    return [
        Telling("ticket_named", [engineer_id], {}, about, key),
        Telling("ticket_moved", household, words, about, key),
    ]
