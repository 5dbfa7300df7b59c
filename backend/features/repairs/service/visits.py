"""The appointment behind a ticket's moves: agreed, kept, moved, missed, called off, handed over. Called by moves alone.

Everything here is plain SQL beside the ticket: a move writes the ticket once, when all of it is said.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.clock import SHANGHAI
from backend.core.errors import Conflict, Invalid
from backend.features.repairs.repository import appointments as repository
from backend.features.repairs.rules.visits import (
    REMIND,
    Answer,
    Outcome,
    Span,
    may_be_missed_by_engineer,
    may_come_to_nothing,
    reminders,
    span_fault,
)
from backend.features.repairs.service.acting import Acting
from backend.platform.timers import NewTimer, cancel, schedule_many

VISIT: Final = "repairs.visit"
"""The timer of an appointment: reminders before it, and a look when it is over. Its key is `<appointment>:<n>`; 0 is
the look."""


async def agree(act: Acting, span: Span) -> UUID:
    """The ticket's visit is at this time now; one that was agreed before is moved.

    An owner can only take a time that the engineer's side has offered; the engineer and the desk also write down what
    was agreed in another way. Whatever offer is open is answered by it.

    Raises:
        Invalid: see `rules.visits.span_fault`.
        Conflict: `time_not_offered`, `engineer_busy`.
    """
    ticket, work = act.ticket, act.work
    if fault := span_fault(span, now=act.now):
        raise Invalid(fault.code, field=fault.field, **fault.params)
    assert ticket.engineer_id is not None, "no ticket that can be appointed is without"
    offer = await repository.open_offer(work, ticket.id, span)
    named = offer is not None and offer.named
    if "owner" in act.parts and not (named and offer is not None and offer.side == "engineer"):
        raise Conflict("time_not_offered")
    by = act.caller.account_id
    await end(act, "moved", None)
    made = await repository.agree(work, ticket.id, ticket.engineer_id, span, by=by, at=act.now)
    if made is None:
        raise Conflict("engineer_busy", field="starts_at")
    if offer is not None:
        given: Answer = "chosen" if named else "replaced"
        await repository.answer(work, ticket.id, offer.id, given, by=by, at=act.now)
    moments = reminders(span.starts_at, now=act.now)
    timers = [NewTimer(VISIT, f"{made}:{place}", at, {}) for place, at in enumerate(moments, 1)]
    await schedule_many(work, act.process.waker, [NewTimer(VISIT, f"{made}:0", span.ends_at, {}), *timers])
    return made


async def end(act: Acting, outcome: Outcome, reason: str | None) -> Any | None:
    """The agreed visit, if there is one, came to this; nobody is reminded of it any more."""
    ended = await repository.end(
        act.work, act.ticket.id, outcome, by=act.caller.account_id, at=act.at, reason=reason
    )
    if ended is not None:
        await cancel(act.work, VISIT, [f"{ended.id}:{place}" for place in range(len(REMIND) + 1)])
    return ended


async def miss(act: Acting) -> None:
    """Nobody came, as the owner says, or the desk for them.

    Raises:
        Conflict: `visit_not_over`: the agreed time lasts still; `no_appointment`.
    """
    agreed = await repository.present(act.work, act.ticket.id)
    if agreed is None:
        raise Conflict("no_appointment")
    if not may_be_missed_by_engineer(Span(agreed.starts_at, agreed.ends_at), now=act.now):
        raise Conflict("visit_not_over")
    await end(act, "missed_by_engineer", None)


async def check_begun(act: Acting) -> None:
    """Pass when the agreed time has come: before it, no owner can be said not to have been there.

    Raises:
        Conflict: `visit_not_begun`.
    """
    agreed = await repository.present(act.work, act.ticket.id)
    if agreed is not None and not may_come_to_nothing(Span(agreed.starts_at, agreed.ends_at), at=act.at):
        raise Conflict("visit_not_begun")


async def hand_over(act: Acting, engineer_id: UUID) -> None:
    """The ticket's new engineer keeps the agreed visit.

    Raises:
        Conflict: `engineer_busy`: they are somewhere else then; the visit is called off or moved first.
    """
    agreed = await repository.present(act.work, act.ticket.id)
    if agreed is None:
        return
    try:
        free = await repository.hand_over(act.work, agreed, engineer_id)
    except IntegrityError as error:
        if "ex_appointment_one_place_at_a_time" not in str(error.orig):
            raise
        free = False
    if not free:
        raise Conflict("engineer_busy", field="to")


def spoken(moment: datetime) -> str:
    """A moment as notices say it: the local day and time."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
