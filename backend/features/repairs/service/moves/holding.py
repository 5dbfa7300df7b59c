"""Standing still for a reason, and going on."""

from typing import Any

from backend.features.repairs.acts import Hold, Nothing
from backend.features.repairs.rules.states import OWNERS_HOLD
from backend.features.repairs.rules.visits import held_as
from backend.features.repairs.service import visits
from backend.features.repairs.service.acting import Acting
from backend.platform.threads import set_direct


async def hold(act: Acting, data: Hold) -> dict[str, Any]:
    """For what lies with the owner the clocks stand still; for what lies with us they go on."""
    await visits.end(act, held_as(act.ticket.state), data.reason)
    act.change(hold_reason=data.reason, held_at=act.now)
    if data.reason in OWNERS_HOLD:
        act.clocks.pause(data.reason)
        # The owner's next word goes through the ticket's own verb, which resumes it.
        await set_direct(act.work, act.ticket.thread_id, False)
    await act.tell_household("ticket_moved", f"hold:{act.ticket.version}", {"what": "held"})
    return data.model_dump(exclude_none=True) | {"clocks_stand": data.reason in OWNERS_HOLD}


async def resume(act: Acting, _data: Nothing) -> dict[str, Any]:
    """On it goes, with what was left of each clock; another time of visit is agreed."""
    act.change(hold_reason=None, held_at=None)
    await act.clocks.resume()
    await set_direct(act.work, act.ticket.thread_id, True)
    act.tell_engineer("ticket_moved", f"resume:{act.ticket.version}", {"what": "resumed"})
    return {}
