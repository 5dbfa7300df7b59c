"""What is thought of the work: signed, sent back, rated; and the return visit, which decides where nobody speaks."""

from typing import Any

from backend.core.clock import local_date
from backend.core.errors import Conflict
from backend.core.ids import new_id
from backend.features.repairs.acts import Rate, Reject, Sign, Words
from backend.features.repairs.models import TicketRating, TicketSignature, TicketVisit
from backend.features.repairs.service.acting import Acting


async def sign(act: Acting, data: Sign) -> dict[str, Any]:
    """The owner signs, with opinion and date; a bare signature is consent (RC-10)."""
    if data.photo is not None:
        await act.show([data.photo], "photo")
    signed_on = local_date(act.at)
    act.work.add(
        TicketSignature(
            ticket_id=act.ticket.id,
            visit=act.ticket.visit,
            by_id=act.caller.account_id,
            opinion=data.opinion,
            signed_on=signed_on,
            photo=data.photo,
            at=act.at,
        )
    )
    act.tell_engineer("ticket_moved", f"sign:{act.ticket.version}", {"what": "signed"})
    return data.model_dump(mode="json", exclude_none=True) | {"signed_on": signed_on.isoformat()}


async def reject(act: Acting, data: Reject) -> dict[str, Any]:
    """It goes back to the same engineer. There is nothing to visit about yet."""
    await act.show(data.photos, "photos")
    await _again(act, "reject", "rejected")
    return data.model_dump(mode="json")


async def reopen(act: Acting, data: Reject) -> dict[str, Any]:
    """It was over and is not: the same engineer contacts the owner and proposes anew."""
    await act.show(data.photos, "photos")
    await _again(act, "reopen", "reopened")
    return data.model_dump(mode="json")


async def rate(act: Acting, data: Rate) -> dict[str, Any]:
    """Said once.

    Raises:
        Conflict: `already_rated`.
    """
    if await act.work.get(TicketRating, act.ticket.id) is not None:
        raise Conflict("already_rated")
    act.work.add(
        TicketRating(
            ticket_id=act.ticket.id,
            by_id=act.caller.account_id,
            stars=data.stars,
            words=data.words,
            at=act.at,
        )
    )
    return data.model_dump(exclude_none=True)


async def visit(act: Acting, data: Words) -> dict[str, Any]:
    """Somebody who did not handle it has asked, and it is settled: C5 ends (RP-16, CT-30)."""
    await _visited(act, data, reached=True, settled=True)
    act.clocks.meet("C5", "visit")
    return data.model_dump()


async def visit_unsettled(act: Acting, data: Words) -> dict[str, Any]:
    """The visit was made and it is not settled: back to the same engineer."""
    await _visited(act, data, reached=True, settled=False)
    act.clocks.meet("C5", "visit_unsettled")
    await _again(act, "visit_unsettled", "rejected")
    return data.model_dump()


async def visit_missed(act: Acting, data: Words) -> dict[str, Any]:
    """Nobody was reached: the clock goes on."""
    await _visited(act, data, reached=False, settled=False)
    return data.model_dump()


async def _visited(act: Acting, data: Words, *, reached: bool, settled: bool) -> None:
    act.work.add(
        TicketVisit(
            id=new_id(),
            ticket_id=act.ticket.id,
            visit=act.ticket.visit,
            by_id=act.caller.account_id,
            reached=reached,
            settled=settled,
            words=data.words,
            at=act.at,
        )
    )


async def _again(act: Acting, by: str, what: str) -> None:
    act.change(done_at=None, ended_at=None, proposed=False)
    act.clocks.void({"C5"}, by)
    await act.clocks.start("C2")
    await act.clocks.start("C3")
    act.tell_engineer("ticket_moved", f"{what}:{act.ticket.version}", {"what": what})
