"""Taking a ticket on, talking with the owner, proposing, agreeing on a date."""

from typing import Any

from backend.core.errors import Invalid
from backend.features.repairs.acts import Agree, Contact, Nothing, Propose
from backend.features.repairs.service.acting import Acting


async def accept(act: Acting, _data: Nothing) -> dict[str, Any]:
    """The engineer has it: they confirm receipt (EN-01)."""
    await act.tell_household("ticket_moved", f"accept:{act.ticket.version}", {"what": "accepted"})
    return {}


async def contact(act: Acting, data: Contact) -> dict[str, Any]:
    """A person has called, and says how it went: that ends C2, whether the owner was reached or not (CT-05)."""
    act.clocks.meet("C2", "contact")
    return data.model_dump()


async def propose(act: Acting, data: Propose) -> dict[str, Any]:
    """A proposal is put to the owner: that ends C3 (HC-19, EN-07)."""
    act.change(proposed=True)
    act.clocks.meet("C3", "propose")
    await act.tell_household("ticket_moved", f"propose:{act.ticket.version}", {"what": "proposed"})
    return data.model_dump()


async def agree(act: Acting, data: Agree) -> dict[str, Any]:
    """The owner agrees a date: C4 runs until then (HC-32). Agreed anew, the first promise stays beside it.

    Raises:
        Invalid: `time_is_past`.
    """
    if data.done_by <= act.now:
        raise Invalid("time_is_past", field="done_by")
    clock = await act.clocks.agree("C4", data.done_by)
    act.tell_engineer("ticket_moved", f"agree:{act.ticket.version}", {"what": "agreed"})
    return {"done_by": data.done_by.isoformat(), "first_promise": clock.first_promise.isoformat()}
