"""Living conditions while the home cannot be lived in: asked for, and decided by a manager (RP-13, GP-21)."""

from typing import Any

from backend.core.errors import Conflict
from backend.core.ids import new_id
from backend.features.repairs.acts import DecideLiving, Words
from backend.features.repairs.models import TicketLiving
from backend.features.repairs.repository import tickets
from backend.features.repairs.service.acting import Acting


async def ask(act: Acting, data: Words) -> dict[str, Any]:
    """Asked for by the owner, or for them.

    Raises:
        Conflict: `living_asked_already`.
    """
    if await tickets.living_asked(act.work, act.ticket.id) is not None:
        raise Conflict("living_asked_already")
    act.work.add(
        TicketLiving(
            id=new_id(),
            ticket_id=act.ticket.id,
            asked_by=act.caller.account_id,
            words=data.words,
            asked_at=act.now,
        )
    )
    return data.model_dump()


async def decide(act: Acting, data: DecideLiving) -> dict[str, Any]:
    """A manager offers them, or says why not.

    Raises:
        Conflict: `living_not_asked`.
    """
    asked = await tickets.living_asked(act.work, act.ticket.id)
    if asked is None:
        raise Conflict("living_not_asked")
    asked.granted, asked.decision = data.granted, data.words
    asked.decided_by, asked.decided_at = act.caller.account_id, act.now
    told = {"what": "living_granted" if data.granted else "living_declined"}
    await act.tell_household("ticket_moved", f"living:{act.ticket.version}", told)
    act.tell_engineer("ticket_moved", f"living:{act.ticket.version}", told)
    return data.model_dump()
