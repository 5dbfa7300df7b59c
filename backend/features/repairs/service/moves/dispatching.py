"""Naming the one person of a ticket that was reported when there was nobody to name."""

from typing import Any

from backend.core.clock import local_date
from backend.core.errors import Conflict
from backend.features.repairs.acts import Nothing
from backend.features.repairs.repository import opening
from backend.features.repairs.rules.choosing import choose
from backend.features.repairs.service.acting import Acting
from backend.features.roster.service import on_duty


async def dispatch(act: Acting, _data: Nothing) -> dict[str, Any]:
    """Whoever repairs there now, by the same choice as at the report; that ends C1 (HC-20, HC-21, RP-04).

    Raises:
        Conflict: `engineer_named_already`; `nobody_repairs_there`.
    """
    ticket = act.ticket
    if ticket.engineer_id is not None:
        raise Conflict("engineer_named_already")
    there = await opening.engineers_at(act.work, ticket.node_id, local_date(act.now))
    duty = {one.account_id for one in await on_duty(act.work, ticket.node_id, "repair_engineer", act.now)}
    choice = choose(ticket.trade, opening.candidates(there, frozenset(duty)))
    if choice is None:
        raise Conflict("nobody_repairs_there")
    act.change(engineer_id=choice.account_id, because=choice.because)
    act.clocks.meet("C1")
    act.tell("ticket_named", [choice.account_id], f"dispatch:{ticket.version}")
    await act.tell_household("ticket_moved", f"dispatch:{ticket.version}", {"what": "dispatched"})
    return {"engineer": str(choice.account_id), "name": choice.name, "because": choice.because}
