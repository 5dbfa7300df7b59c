"""A call between the owner and the one engineer of a ticket: neither sees the other's number.

Both numbers go to the number service and nowhere else: not into an answer, a line or a log.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, NotAllowed, NotFound, Unavailable
from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.repairs.repository import calling as repository
from backend.features.repairs.rules.states import ENDED
from backend.features.repairs.service.parts import HOUSEHOLD, SEE
from backend.platform.numbers import Call, Number, NumberService
from backend.platform.threads import NewEntry, append


async def arrange_call(
    direct: Direct,
    numbers: NumberService | None,
    work: Work,
    caller: Caller,
    now: datetime,
    ticket_id: UUID,
) -> Number:
    """A number for the household to reach the engineer, or for the engineer to reach whoever is to be called.

    A line says that a call was arranged. Where there is none, the refusal's `present` has the project's hotline.

    Raises:
        NotFound: the caller sees no such ticket.
        NotAllowed: `not_your_move`: they are neither its household nor its engineer.
        Conflict: `ticket_over`; `call_not_set_up`: no number service; `call_nobody`: the other side has no number, or
            no engineer is named yet; `call_no_number`: the caller has none.
        Unavailable: `call_not_arranged`: the service gives none now.
    """
    sides = await repository.sides(direct, caller, ticket_id, HOUSEHOLD, SEE, local_date(now))
    if sides is None:
        raise NotFound()
    if caller.kind == "staff" and caller.account_id != sides["engineer_id"]:
        raise NotAllowed("not_your_move")
    if sides["state"] in ENDED:
        raise Conflict("ticket_over")
    other = sides["engineer_phone"] if caller.kind == "owner" else sides["contact_phone"]
    if numbers is None:
        raise Conflict("call_not_set_up", **_hotline(sides))
    if other is None:
        raise Conflict("call_nobody", **_hotline(sides))
    if sides["own_phone"] is None:
        raise Conflict("call_no_number", **_hotline(sides))
    # Nothing of the database is held while it is asked; the same two about the same ticket keep their number.
    call = Call(sides["own_phone"], other, f"ticket:{ticket_id}:{caller.account_id}:{sides['engineer_id']}")
    number = await numbers.connect(call)
    if number is None:
        raise Unavailable("call_not_arranged", **_hotline(sides))
    by = "owner" if caller.kind == "owner" else "engineer"
    await append(work, NewEntry(sides["thread_id"], "call_arranged", {"by": by}, caller.account_id))
    return number


def _hotline(sides: Any) -> dict[str, Any]:
    return {"present": {"hotline": sides["hotline"]}, "hotline": sides["hotline"] or "-"}
