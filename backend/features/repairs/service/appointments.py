"""Times of a visit, offered by either side and chosen by the other; and the reminders of what was agreed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.notices.service import About, Telling, tell, tell_many
from backend.features.repairs.models import Appointment, AppointmentOffer, Ticket
from backend.features.repairs.repository import appointments as repository
from backend.features.repairs.repository import tickets
from backend.features.repairs.rules.states import MOVES, Part
from backend.features.repairs.rules.visits import Side, Span, time_faults
from backend.features.repairs.service.acting import SUBJECT
from backend.features.repairs.service.finding import ticket_for
from backend.features.repairs.service.moving import move
from backend.features.repairs.service.parts import HOUSEHOLD
from backend.features.repairs.service.refusing import Refused
from backend.features.repairs.service.visits import spoken
from backend.platform.process import Process
from backend.platform.threads import NewEntry, append
from backend.platform.timers import DueTimer

_OFFERABLE: Final = ("reported", *MOVES["appoint"].sources)
"""In these states times can be offered: as soon as it is reported, though a visit is agreed when it is accepted."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer with its times."""

    row: AppointmentOffer
    times: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Visits:
    """A ticket's offers and appointments, the first first. `moved`: how often an agreed visit was moved."""

    ticket: Ticket
    offers: Sequence[Offer]
    appointments: Sequence[Appointment]


async def visits_of(work: Work, caller: Caller, now: datetime, ticket_id: UUID) -> Visits:
    """What was offered and agreed for a ticket that the caller sees.

    Raises:
        NotFound: they see no such ticket.
    """
    ticket, _ = await ticket_for(work, caller, now, ticket_id)
    offers = await repository.offers_of(work, ticket.id)
    times = await repository.times_of(work, [one.id for one in offers])
    return Visits(
        ticket,
        [Offer(one, times[one.id]) for one in offers],
        await repository.appointments_of(work, ticket.id),
    )


async def offer(
    work: Work,
    caller: Caller,
    now: datetime,
    ticket_id: UUID,
    times: Sequence[Span],
    words: str | None,
) -> Offer:
    """Offer times for the next visit; whatever was offered before is replaced, and the other side is told.

    Raises:
        NotFound: the caller sees no such ticket.
        NotAllowed: `not_your_move`.
        Invalid: `times_wrong`, with a fault a field: see `rules.visits.time_faults`.
        Refused: `times_not_wanted`: no visit can be agreed on in this state.
    """
    ticket, parts = await ticket_for(work, caller, now, ticket_id, lock=True)
    side = _side(parts)
    if ticket.state not in _OFFERABLE:
        raise Refused("times_not_wanted", ticket, [])
    if faults := time_faults(times, now=now):
        raise Invalid("times_wrong", faults=faults)
    await repository.answer(work, ticket.id, None, "replaced", by=caller.account_id, at=now)
    made = AppointmentOffer(
        id=new_id(),
        ticket_id=ticket.id,
        side=side,
        made_by=caller.account_id,
        made_at=now,
        answer="open",
        words=words,
    )
    await repository.offer(work, made, times)
    body = {
        "offer": str(made.id),
        "side": side,
        "times": [
            {"starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat()} for one in times
        ],
    } | ({"text": words} if words else {})
    await append(work, NewEntry(ticket.thread_id, "times_offered", body, caller.account_id))
    await _tell_other_side(work, ticket, caller, side, "times_offered", f"offer:{made.id}")
    return Offer(made, times)


async def choose(
    process: Process, work: Work, caller: Caller, now: datetime, ticket_id: UUID, offer_id: UUID, place: int
) -> Visits:
    """Choose a time that the other side offers: the visit is agreed. Chosen again, it is as it stands.

    Raises:
        NotFound: the caller sees no such ticket or offer; no such time in it.
        NotAllowed: `not_your_move`, `your_own_offer`.
        Conflict: `offer_over`; what the move `appoint` raises.
    """
    ticket, parts = await ticket_for(work, caller, now, ticket_id, lock=True)
    found = await repository.offer_of(work, ticket.id, offer_id)
    times = [] if found is None else (await repository.times_of(work, [offer_id]))[offer_id]
    if found is None or not 0 <= place < len(times):
        raise NotFound()
    if found.side == _side(parts):
        raise NotAllowed("your_own_offer")
    span = times[place]
    if found.answer == "chosen" and found.answered_by == caller.account_id:
        agreed = await repository.present(work, ticket.id)
        if agreed is not None and Span(agreed.starts_at, agreed.ends_at) == span:
            return await visits_of(work, caller, now, ticket_id)
    if found.answer != "open":
        raise Conflict("offer_over", state=found.answer)
    data = {"starts_at": span.starts_at.isoformat(), "ends_at": span.ends_at.isoformat()}
    await move(process, work, caller, now, ticket_id, "appoint", data)
    return await visits_of(work, caller, now, ticket_id)


async def decline(
    work: Work, caller: Caller, now: datetime, ticket_id: UUID, offer_id: UUID, words: str | None
) -> None:
    """None of these times suits; the other side is told, and offers others. Declined again, nothing changes.

    Raises:
        NotFound: the caller sees no such ticket or offer.
        NotAllowed: `not_your_move`, `your_own_offer`.
        Conflict: `offer_over`.
    """
    ticket, parts = await ticket_for(work, caller, now, ticket_id, lock=True)
    found = await repository.offer_of(work, ticket.id, offer_id)
    if found is None:
        raise NotFound()
    side = _side(parts)
    if found.side == side:
        raise NotAllowed("your_own_offer")
    if found.answer == "declined":
        return
    if not await repository.answer(
        work, ticket.id, offer_id, "declined", by=caller.account_id, at=now, words=words
    ):
        raise Conflict("offer_over", state=found.answer)
    body = {"offer": str(offer_id), "side": side} | ({"text": words} if words else {})
    await append(work, NewEntry(ticket.thread_id, "times_declined", body, caller.account_id))
    await _tell_other_side(work, ticket, caller, side, "times_declined", f"declined:{offer_id}")


async def remind(work: Work, due: Sequence[DueTimer]) -> None:
    """Remind both sides of the visits of these timers; of one that is over and nobody said more of, ask them."""
    tellings = []
    for timer in due:
        appointment, _, place = timer.key.partition(":")
        row = await repository.agreed_with_ticket(work, UUID(appointment))
        # Of a visit that has begun nobody is asked whether it took place.
        if row is None or (place == "0" and row.Ticket.state != "appointed"):
            continue
        told = [*await tickets.household(work, row.Ticket, HOUSEHOLD), row.Appointment.engineer_id]
        kind = "visit_unattended" if place == "0" else "visit_soon"
        tellings.append(
            Telling(
                kind,
                told,
                {"day": spoken(row.Appointment.starts_at)},
                About(SUBJECT, row.Ticket.id, row.Ticket.thread_id),
                f"visit:{timer.key}",
            )
        )
    await tell_many(work, tellings)


def _side(parts: frozenset[Part]) -> Side:
    if "owner" in parts:
        return "owner"
    if parts & {"engineer", "desk"}:
        return "engineer"
    raise NotAllowed("not_your_move")


async def _tell_other_side(
    work: Work, ticket: Ticket, caller: Caller, side: Side, kind: str, key: str
) -> None:
    others: list[Any] = (
        [ticket.engineer_id] if side == "owner" else list(await tickets.household(work, ticket, HOUSEHOLD))
    )
    told = [one for one in others if one is not None and one != caller.account_id]
    if told:
        about = About(SUBJECT, ticket.id, ticket.thread_id)
        await tell(work, Telling(kind, told, {}, about, f"ticket:{ticket.id}:{key}"))
