"""Offers of times and appointments in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, text

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.repairs.models import Appointment, AppointmentOffer, AppointmentTime, Ticket
from backend.features.repairs.rules.visits import Answer, Outcome, Span

# Plain SQL, so that a ticket that is being changed is not written before all of it is said.
_ANSWER: Final = text(
    "UPDATE appointment_offer SET answer = :answer, answered_by = :by, answered_at = :at,"
    " words = coalesce(:words, words) WHERE ticket_id = :ticket_id AND answer = 'open'"
    " AND (CAST(:id AS uuid) IS NULL OR id = :id) RETURNING id"
)
_OPEN: Final = text(
    "SELECT o.id, o.side, EXISTS (SELECT FROM appointment_time t WHERE t.offer_id = o.id"
    " AND t.starts_at = :starts_at AND t.ends_at = :ends_at) AS named"
    " FROM appointment_offer o WHERE o.ticket_id = :ticket_id AND o.answer = 'open'"
)
_AGREE: Final = text(
    "INSERT INTO appointment (id, ticket_id, number, engineer_id, starts_at, ends_at, agreed_by, agreed_at)"
    " SELECT :id, :ticket_id, 1 + coalesce(max(number), 0), :engineer_id, :starts_at, :ends_at, :by, :at"
    " FROM appointment WHERE ticket_id = :ticket_id ON CONFLICT DO NOTHING RETURNING id"
)
_END: Final = text(
    "UPDATE appointment SET outcome = :outcome, ended_by = :by, ended_at = :at, reason = :reason"
    " WHERE ticket_id = :ticket_id AND outcome = 'agreed' RETURNING id, starts_at, ends_at"
)
_PRESENT: Final = text(
    "SELECT id, starts_at, ends_at, engineer_id FROM appointment"
    " WHERE ticket_id = :ticket_id AND outcome = 'agreed'"
)
_BUSY: Final = text(
    "SELECT EXISTS (SELECT FROM appointment a WHERE a.engineer_id = :engineer_id"
    " AND a.outcome = 'agreed' AND a.id <> :id"
    " AND tstzrange(a.starts_at, a.ends_at) && tstzrange(:starts_at, :ends_at))"
)
_HAND_OVER: Final = text("UPDATE appointment SET engineer_id = :engineer_id WHERE id = :id")


async def offer(work: Work, made: AppointmentOffer, times: Sequence[Span]) -> None:
    """Write an offer with its times."""
    work.add(made)
    await work.flush()
    rows = [
        {"offer_id": made.id, "place": place, "starts_at": one.starts_at, "ends_at": one.ends_at}
        for place, one in enumerate(times)
    ]
    await work.execute(insert(AppointmentTime), rows)


async def offer_of(work: Work, ticket_id: UUID, offer_id: UUID) -> AppointmentOffer | None:
    """An offer on this ticket."""
    wanted = select(AppointmentOffer).where(
        AppointmentOffer.id == offer_id, AppointmentOffer.ticket_id == ticket_id
    )
    return await work.scalar(wanted.execution_options(populate_existing=True))


async def offers_of(work: Work, ticket_id: UUID) -> Sequence[AppointmentOffer]:
    """A ticket's offers, the first first."""
    wanted = select(AppointmentOffer).where(AppointmentOffer.ticket_id == ticket_id)
    ordered = wanted.order_by(AppointmentOffer.made_at, AppointmentOffer.id)
    return (await work.scalars(ordered.execution_options(populate_existing=True))).all()


async def times_of(work: Work, offer_ids: Sequence[UUID]) -> dict[UUID, list[Span]]:
    """The times of these offers, in their order."""
    wanted = select(AppointmentTime).where(AppointmentTime.offer_id.in_(offer_ids))
    found: dict[UUID, list[Span]] = {one: [] for one in offer_ids}
    for row in await work.scalars(wanted.order_by(AppointmentTime.offer_id, AppointmentTime.place)):
        found[row.offer_id].append(Span(row.starts_at, row.ends_at))
    return found


async def appointments_of(work: Work, ticket_id: UUID) -> Sequence[Appointment]:
    """A ticket's appointments, the first first."""
    wanted = select(Appointment).where(Appointment.ticket_id == ticket_id).order_by(Appointment.number)
    return (await work.scalars(wanted.execution_options(populate_existing=True))).all()


async def open_offer(work: Work, ticket_id: UUID, span: Span) -> Any | None:
    """The open offer of a ticket: id, side, and whether it names this time."""
    asked = {"ticket_id": ticket_id, "starts_at": span.starts_at, "ends_at": span.ends_at}
    return (await work.execute(_OPEN, asked)).one_or_none()


async def answer(
    work: Work,
    ticket_id: UUID,
    offer_id: UUID | None,
    given: Answer,
    *,
    by: UUID,
    at: datetime,
    words: str | None = None,
) -> bool:
    """Answer the open offer of a ticket, this one or whichever it is. False: it is not open."""
    asked = {"ticket_id": ticket_id, "id": offer_id, "answer": given, "by": by, "at": at, "words": words}
    return (await work.execute(_ANSWER, asked)).first() is not None


async def agree(
    work: Work, ticket_id: UUID, engineer_id: UUID, span: Span, *, by: UUID, at: datetime
) -> UUID | None:
    """Write an appointment; None: the engineer is somewhere else then."""
    asked = {
        "id": new_id(),
        "ticket_id": ticket_id,
        "engineer_id": engineer_id,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "by": by,
        "at": at,
    }
    return (await work.execute(_AGREE, asked)).scalar_one_or_none()


async def end(
    work: Work, ticket_id: UUID, outcome: Outcome, *, by: UUID, at: datetime, reason: str | None
) -> Any | None:
    """End the ticket's agreed appointment and return it (id, starts_at, ends_at); None: there is none."""
    asked = {"ticket_id": ticket_id, "outcome": outcome, "by": by, "at": at, "reason": reason}
    return (await work.execute(_END, asked)).one_or_none()


async def present(work: Work, ticket_id: UUID) -> Any | None:
    """The ticket's agreed appointment: id, starts_at, ends_at, engineer_id."""
    return (await work.execute(_PRESENT, {"ticket_id": ticket_id})).one_or_none()


async def hand_over(work: Work, appointment: Any, engineer_id: UUID) -> bool:
    """Give an agreed appointment to the ticket's new engineer. False: they are somewhere else then."""
    asked = {
        "id": appointment.id,
        "engineer_id": engineer_id,
        "starts_at": appointment.starts_at,
        "ends_at": appointment.ends_at,
    }
    if (await work.execute(_BUSY, asked)).scalar_one():
        return False
    await work.execute(_HAND_OVER, asked)
    return True


async def agreed_with_ticket(work: Work, appointment_id: UUID) -> Any | None:
    """An appointment that is agreed still, with its ticket."""
    wanted = (
        select(Appointment, Ticket)
        .join(Ticket, Ticket.id == Appointment.ticket_id)
        .where(Appointment.id == appointment_id, Appointment.outcome == "agreed")
    )
    return (await work.execute(wanted)).one_or_none()
