"""What a case has to do with other matters: the same one, reported again; or another that belongs to it."""

from typing import Any
from uuid import UUID

from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.features.hotline.acts_flow import Link, Merge
from backend.features.hotline.models import Case, CaseLink
from backend.features.hotline.repository import cases, flow
from backend.features.hotline.rules.states import ENDED
from backend.features.hotline.rules.words import Linked, LinkReason
from backend.features.hotline.service.acting import SUBJECT, Acting
from backend.features.hotline.service.parts import acts_on
from backend.features.repairs.service import Ticket, find_ticket
from backend.features.visits.service import void
from backend.platform.threads import NewEntry


async def merge(act: Acting, data: Merge) -> dict[str, Any]:
    """It is the same as another, and followed there; whoever brought it hears how that ends.

    Raises:
        Invalid: `case_unknown`, `case_itself`.
        Conflict: `case_ended`; `claim_open`: a claim is to be decided first; `merge_bars_missing`: somebody is kept
        from this case and not from the other.
    """
    # Two cases merged into one another at once would both be over: one merge at a time.
    await flow.one_merge_at_a_time(act.work)
    into = await _other(act, data.into, "into")
    # Closed at this moment, it would tell nobody of this one.
    await cases.hold(act.work, into.id)
    if into.state in ENDED:
        raise Conflict("case_ended", field="into", state=into.state)
    if into.project_id != act.case.project_id:
        raise Invalid("case_unknown", field="into")
    barred = await cases.barred(act.work, [act.case.id, into.id])
    if not barred[act.case.id] <= barred[into.id]:
        raise Conflict("merge_bars_missing", field="into")
    if await flow.claims_open(act.work, act.case.id):
        raise Conflict("claim_open")
    if (proposal := await flow.open_proposal(act.work, act.case.id)) is not None:
        proposal.answer, proposal.answered_at = "withdrawn", act.now
        proposal.answered_by = act.caller.account_id
    _link(act, "case", into, "duplicate")
    act.change(merged_into_id=into.id)
    await void(act.work, act.now, [(SUBJECT, act.case.id)], "ended", by=act.caller.account_id)
    await act.tell_household("merged")
    body = {"case": str(act.case.id), "number": act.case.number}
    act.entries.append(NewEntry(into.thread_id, "merged_from", body, act.caller.account_id, audience="staff"))
    return data.model_dump(mode="json", exclude_none=True) | {"number": into.number}


async def link(act: Acting, data: Link) -> dict[str, Any]:
    """Another matter that the caller sees too. Linked before, nothing changes.

    Raises:
        Invalid: `case_unknown`, `case_itself`, `ticket_unknown`.
        Conflict: `linked_already`.
    """
    if await flow.linked(act.work, act.case.id, data.kind, data.subject):
        raise Conflict("linked_already", field="subject")
    if data.kind == "case":
        other = await _other(act, data.subject, "subject")
        _link(act, "case", other, data.why)
        return {"kind": "case", "subject": str(other.id), "number": other.number, "why": data.why}
    try:
        ticket = (await find_ticket(act.work, act.caller, act.now, data.subject)).row
    except NotFound:
        raise Invalid("ticket_unknown", field="subject") from None
    _link(act, "ticket", ticket, data.why)
    return {"kind": "ticket", "subject": str(ticket.id), "why": data.why}


async def _other(act: Acting, id_: UUID, field: str) -> Case:
    if id_ == act.case.id:
        raise Invalid("case_itself", field=field)
    found = await cases.find(act.work, id_)
    try:
        if found is None:
            raise NotFound
        await acts_on(act.work, act.caller, act.now, found)
    except NotFound:
        raise Invalid("case_unknown", field=field) from None
    return found


def _link(act: Acting, kind: Linked, other: Case | Ticket, why: LinkReason) -> None:
    act.work.add(
        CaseLink(
            id=new_id(),
            case_id=act.case.id,
            kind=kind,
            subject_id=other.id,
            thread_id=other.thread_id,
            why=why,
            by_id=act.caller.account_id,
        )
    )
