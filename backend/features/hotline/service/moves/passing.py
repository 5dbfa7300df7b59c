"""A case that turns out to be a repair goes on as a ticket, with its one engineer and its own clocks (GP-15)."""

from typing import Any

from backend.core.errors import Conflict
from backend.core.ids import new_id
from backend.features.hotline.acts import PassOn
from backend.features.hotline.models import CaseLink
from backend.features.hotline.repository import cases
from backend.features.hotline.service.acting import Acting
from backend.features.repairs import service as repairs


async def pass_on(act: Acting, data: PassOn) -> dict[str, Any]:
    """Nothing is owed here any more: what was promised, the ticket promises from now on.

    Raises:
        Conflict: `repair_without_home`; `repair_about_somebody`: whom it is about might be who repairs;
        what `repairs.service.open_ticket` raises.
    """
    case = act.case
    if case.ownership_id is None:
        raise Conflict("repair_without_home")
    if (await cases.barred(act.work, [case.id]))[case.id]:
        raise Conflict("repair_about_somebody")
    wanted = repairs.Asked(
        ownership_id=case.ownership_id,
        place=data.place,
        component=data.component,
        description=case.gist,
        urgent=data.urgent,
        reporter_id=case.reporter_id,
    )
    opened = await repairs.open_ticket(act.process, act.work, {}, act.caller, act.now, wanted)
    act.change(
        ticket_id=opened.id,
        ended_at=act.now,
        paused_for=None,
        paused_at=None,
        category=case.category or "works",
        responsible_role=case.responsible_role or "repair_engineer",
    )
    act.work.add(
        CaseLink(
            id=new_id(),
            case_id=case.id,
            kind="ticket",
            subject_id=opened.id,
            thread_id=None,
            why="became",
            by_id=act.caller.account_id,
        )
    )
    await act.tell_household("passed_on")
    return {"ticket": str(opened.id)}
