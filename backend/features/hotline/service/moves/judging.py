"""Whether a complaint is valid, and whom it keeps out."""

from typing import Any

from backend.core.errors import Conflict, Invalid
from backend.features.escalation.service import bar as bar_from_chains
from backend.features.hotline.acts_flow import Bar, Judge
from backend.features.hotline.repository import cases, flow
from backend.features.hotline.service.acting import SUBJECT, Acting
from backend.features.hotline.service.assigning import assign
from backend.features.hotline.service.moves.dispatching import columns, reasons, said
from backend.features.visits.service import hide


async def judge(act: Acting, data: Judge) -> dict[str, Any]:
    """Valid by its cause and harm, or not (HC-16, CS-05). Judged anew, what was said before stays on the thread."""
    act.change(validity=data.validity, cause=data.cause, harm=data.harm)
    return data.model_dump(exclude_none=True)


async def bar(act: Acting, data: Bar) -> dict[str, Any]:
    """Somebody is kept from the case: a complaint never goes to whom it is about. Had they it, another has it now.

    Raises:
        Invalid: `staff_unknown`.
        Conflict: `barred_already`.
    """
    if not await flow.is_staff(act.work, data.account):
        raise Invalid("staff_unknown", field="account")
    if not await cases.bar(act.work, act.case.id, data.account, data.why, act.caller.account_id):
        raise Conflict("barred_already", field="account")
    await hide(act.work, SUBJECT, act.case.id, [data.account])
    await bar_from_chains(act.work, SUBJECT, act.case.id, [data.account], act.now)
    body = data.model_dump(mode="json")
    if act.case.responsible_id == data.account and act.case.category is not None:
        choice = await assign(act.work, act.now, act.case, act.case.category)
        act.change(**columns(choice))
        act.note("dispatched", {"category": act.case.category} | said(choice), None)
        act.note("responsible_found", reasons(choice), None, audience="staff")
        if choice.account_id is not None:
            act.tell("case_assigned", [choice.account_id], "bar", {"number": act.case.number})
    return body
