"""One cleaning: booked with a professional company, free of charge, and ticked by the owner (RP-07 to RP-09)."""

from typing import Any

from backend.core.errors import Invalid
from backend.features.repairs.acts import BookCleaning, Nothing
from backend.features.repairs.models import TicketCleaning
from backend.features.repairs.service.acting import Acting


async def book(act: Acting, data: BookCleaning) -> dict[str, Any]:
    """Book it, or move it.

    Raises:
        Invalid: `time_is_past`.
    """
    if data.starts_at <= act.ticket.opened_at:
        raise Invalid("time_is_past", field="starts_at")
    booked = await act.work.get(TicketCleaning, (act.ticket.id, act.ticket.visit))
    if booked is None:
        booked = TicketCleaning(ticket_id=act.ticket.id, visit=act.ticket.visit, price_fen=0)
        act.work.add(booked)
    booked.company, booked.starts_at = data.company, data.starts_at
    booked.booked_by, booked.booked_at = act.caller.account_id, act.at
    await act.tell_household("ticket_moved", f"cleaning:{act.ticket.version}", {"what": "cleaning"})
    return data.model_dump(mode="json") | {"price_fen": 0}


async def tick(act: Acting, _data: Nothing) -> dict[str, Any]:
    """The owner has found it clean."""
    booked = await act.work.get_one(TicketCleaning, (act.ticket.id, act.ticket.visit))
    booked.ticked_by, booked.ticked_at = act.caller.account_id, act.at
    act.tell_engineer("ticket_moved", f"cleaned:{act.ticket.version}", {"what": "cleaned"})
    return {"visit": act.ticket.visit}
