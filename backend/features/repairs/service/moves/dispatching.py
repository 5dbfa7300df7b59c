"""Naming the one person of a ticket that was reported when there was nobody to name."""

from typing import Any

from backend.core.errors import Conflict
from backend.features.repairs.acts import Nothing
from backend.features.repairs.service.acting import Acting
from backend.features.repairs.service.naming import choice_for


async def dispatch(act: Acting, _data: Nothing) -> dict[str, Any]:
    """Whoever repairs there now, by the same choice as at the report; that ends C1 (HC-20, HC-21, RP-04).

    Raises:
        Conflict: `engineer_named_already`; `nobody_repairs_there`.
    """
    ticket = act.ticket
    if ticket.engineer_id is not None:
        raise Conflict("engineer_named_already")
    choice = await choice_for(act.work, act.now, ticket.node_id, ticket.trade)
    if choice is None:
        raise Conflict("nobody_repairs_there")
    act.change(engineer_id=choice.account_id, because=choice.because)
    act.clocks.meet("C1", "dispatch")
    act.tell("ticket_named", [choice.account_id], f"dispatch:{ticket.version}")
    await act.tell_household("ticket_moved", f"dispatch:{ticket.version}", {"what": "dispatched"})
    return {"engineer": str(choice.account_id), "name": choice.name, "because": choice.because}
