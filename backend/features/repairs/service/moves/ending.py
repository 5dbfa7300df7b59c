"""How a ticket ends: closed after its visit, cancelled, or not a repair, which the owner can contest."""

from typing import Any, Final

from backend.core.clock import local_date
from backend.core.ids import new_id
from backend.features.repairs.acts import Nothing, Reason, Refuse, Words
from backend.features.repairs.models import TicketRefusal
from backend.features.repairs.repository.emergencies import holders
from backend.features.repairs.service import visits
from backend.features.repairs.service.acting import Acting
from backend.features.repairs.service.parts import OVERSEE
from backend.features.roster.service import on_duty
from backend.platform.threads import set_direct

SPECIALIST: Final = "complaint_specialist"


async def close(act: Acting, _data: Nothing) -> dict[str, Any]:
    """After the return visit, by a person: nothing closes by itself."""
    _ends(act, "close")
    await act.tell_household("ticket_moved", f"close:{act.ticket.version}", {"what": "closed"})
    return {}


async def cancel(act: Acting, data: Reason) -> dict[str, Any]:
    """It is wanted no more."""
    act.change(hold_reason=None, held_at=None)
    await visits.end(act, "called_off", data.reason)
    await set_direct(act.work, act.ticket.thread_id, True)
    _ends(act, "cancel")
    act.tell_engineer("ticket_moved", f"cancel:{act.ticket.version}", {"what": "cancelled"})
    await act.tell_household("ticket_moved", f"cancel:{act.ticket.version}", {"what": "cancelled"})
    return data.model_dump()


async def refuse(act: Acting, data: Refuse) -> dict[str, Any]:
    """The engineer finds that it is no repair, with reason and proof. The owner says whether that is so."""
    photos = await act.show(data.photos, "photos")
    await visits.end(act, "kept" if act.ticket.state == "arrived" else "called_off", None)
    act.work.add(
        TicketRefusal(
            id=new_id(),
            ticket_id=act.ticket.id,
            version=act.ticket.version,
            reason=data.reason,
            photos=photos,
            by_id=act.caller.account_id,
            at=act.at,
        )
    )
    act.clocks.meet("C3", "refuse")
    await act.tell_household("ticket_moved", f"refuse:{act.ticket.version}", {"what": "not_a_repair"})
    return data.model_dump(mode="json")


async def contest(act: Acting, data: Reason) -> dict[str, Any]:
    """The owner takes it to the specialist on duty, who decides (HC-04). With none on duty, to all there are.

    Where nobody is, to those who oversee the home: somebody hears of it (FM-38).
    """
    node, today = act.ticket.node_id, local_date(act.now)
    people = [one.account_id for one in await on_duty(act.work, node, SPECIALIST, act.now)]
    for roles in ((SPECIALIST,), OVERSEE):
        people = people or await holders(act.work, node, roles, today)
    act.tell("ticket_moved", people, f"contest:{act.ticket.version}", {"what": "contested"})
    return data.model_dump()


async def overrule(act: Acting, data: Words) -> dict[str, Any]:
    """It is a repair after all: the same engineer goes on, and owes a proposal again (C3)."""
    act.change(proposed=False)
    if act.clocks.open("C3") is None:
        await act.clocks.start("C3")
    act.tell_engineer("ticket_moved", f"overrule:{act.ticket.version}", {"what": "overruled"})
    await act.tell_household("ticket_moved", f"overrule:{act.ticket.version}", {"what": "overruled"})
    return data.model_dump()


async def uphold(act: Acting, data: Words) -> dict[str, Any]:
    """It is none: explained, and over."""
    _ends(act, "uphold")
    await act.tell_household("ticket_moved", f"uphold:{act.ticket.version}", {"what": "upheld"})
    return data.model_dump()


async def let_go(act: Acting, _data: Nothing) -> dict[str, Any]:
    """The owner agrees that it is none."""
    _ends(act, "let_go")
    return {}


def _ends(act: Acting, by: str) -> None:
    act.change(ended_at=act.now)
    act.clocks.void(None, by)
