"""The return visit by somebody who did not handle it (HC-38, CT-30)."""

from typing import Any

from backend.core.ids import new_id
from backend.features.hotline.acts import Words
from backend.features.hotline.acts_flow import VisitMade
from backend.features.hotline.models import CaseVisit
from backend.features.hotline.service.acting import Acting
from backend.features.hotline.service.moves.closing import begin_again
from backend.features.hotline.service.moves.handing import tell_specialists


async def visit(act: Acting, data: VisitMade) -> dict[str, Any]:
    """The visit was made: that ends C5. What the owner says of it decides how it can be closed."""
    body = await _made(act, data, low=False)
    act.tell_responsible("visited")
    await tell_specialists(act, "visited")
    return body


async def visit_low(act: Acting, data: VisitMade) -> dict[str, Any]:
    """The visit was made and it is not settled, or was found poor: C5 ends, and it begins again (GP-03)."""
    body = await _made(act, data, low=True)
    await begin_again(act)
    act.tell_responsible("reopened")
    return body


async def visit_missed(_act: Acting, data: Words) -> dict[str, Any]:
    """Nobody was reached: the clock goes on."""
    return data.model_dump()


async def _made(act: Acting, data: VisitMade, *, low: bool) -> dict[str, Any]:
    act.work.add(
        CaseVisit(
            id=new_id(),
            case_id=act.case.id,
            round=act.case.round,
            visit_id=data.visit_id,
            by_id=act.caller.account_id,
            accepted=data.accepted,
            low=low,
            opinion=data.opinion,
            visited_at=min(data.visited_at or act.now, act.now),
        )
    )
    # Its round is the one it closes, whatever begins after it.
    await act.work.flush()
    act.clocks.meet("C5", "visit_low" if low else "visit")
    return data.model_dump(mode="json", exclude_none=True) | {"name": act.name}
