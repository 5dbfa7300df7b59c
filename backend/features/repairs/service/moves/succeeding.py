"""The one way a ticket's engineer changes: a manager approves it, for a reason of the list, and the owner is told."""

from typing import Any

from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid
from backend.core.ids import new_id
from backend.features.repairs.acts import Succeed
from backend.features.repairs.models import Succession
from backend.features.repairs.repository import tickets
from backend.features.repairs.service import visits
from backend.features.repairs.service.acting import Acting
from backend.platform.threads import NewEntry, append


async def succeed(act: Acting, data: Succeed) -> dict[str, Any]:
    """RP-04, CT-17. It counts against the "1": the first tick is gone for good.

    Raises:
        Conflict: `nobody_to_succeed`: no engineer is named yet; `engineer_busy`: at the agreed visit.
        Invalid: `successor_the_same`, `successor_is_you`, `successor_unknown`: no repair engineer of the home's node.
    """
    ticket, before = act.ticket, act.ticket.engineer_id
    if before is None:
        raise Conflict("nobody_to_succeed")
    if data.to == before:
        raise Invalid("successor_the_same", field="to")
    if data.to == act.caller.account_id:
        raise Invalid("successor_is_you", field="to")
    found, name = await tickets.engineer_named(act.work, data.to, ticket.node_id, local_date(act.now))
    if not found:
        raise Invalid("successor_unknown", field="to")
    body = {"from": str(before), "to": str(data.to), "name": name, "reason": data.reason, "words": data.words}
    body["approver"] = act.name
    line = await append(act.work, NewEntry(ticket.thread_id, "engineer_changed", body, act.caller.account_id))
    act.work.add(
        Succession(
            id=new_id(),
            ticket_id=ticket.id,
            from_id=before,
            to_id=data.to,
            approver_id=act.caller.account_id,
            reason=data.reason,
            words=data.words,
            thread_id=ticket.thread_id,
            entry_seq=line.seq,
            at=act.now,
        )
    )
    # The appointment changes hands only beside a succession that stands.
    await act.work.flush()
    await visits.hand_over(act, data.to)
    act.change(engineer_id=data.to, because={"succeeds": str(before), "reason": data.reason})
    await act.tell_household("ticket_engineer_changed", f"succeed:{ticket.version}")
    act.tell("ticket_named", [data.to], f"succeed:{ticket.version}")
    act.tell("ticket_moved", [before], f"succeed:{ticket.version}", {"what": "succeeded"})
    # Its line is written already: the succession names it.
    return {}
