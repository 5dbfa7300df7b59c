"""The loop of proposals until both agree (HC-29, HC-30)."""

from datetime import datetime
from typing import Any

from backend.core.ids import new_id
from backend.features.hotline.acts import Words
from backend.features.hotline.acts_flow import Accept, Propose
from backend.features.hotline.models import CaseProposal
from backend.features.hotline.repository import flow
from backend.features.hotline.rules.words import Answered
from backend.features.hotline.service.acting import Acting
from backend.features.hotline.service.moves.handing import (
    agree_on,
    check_agreed,
    check_to_come,
    tell_specialists,
)


async def propose(act: Acting, data: Propose) -> dict[str, Any]:
    """A proposal is put to the owner, with both positions as they stand (CT-26): that ends C3 (HC-19).

    Raises:
        Invalid: `time_is_past`.
    """
    if data.done_by is not None:
        check_to_come(act, data.done_by)
    case = act.case
    number = await flow.proposals_made(act.work, case.id) + 1
    act.work.add(
        CaseProposal(
            id=new_id(),
            case_id=case.id,
            number=number,
            customer_position=case.customer_position,
            company_position=case.company_position,
            cause=data.cause,
            proposal=data.proposal,
            done_by=data.done_by,
            made_by=act.caller.account_id,
            made_at=act.now,
        )
    )
    await act.tell_household("proposed")
    return data.model_dump(mode="json", exclude_none=True) | {"number": number}


async def withdraw(act: Acting, data: Words) -> dict[str, Any]:
    """It is proposed no more; the reply is owed again."""
    number = (await _answered(act, "withdrawn", data.words)).number
    await act.clocks.start("C3")
    await act.tell_household("proposal_withdrawn")
    return data.model_dump() | {"number": number}


async def accept(act: Acting, data: Accept) -> dict[str, Any]:
    """The owner agrees, and the department goes ahead (HC-29); with its date, C4 runs from now (HC-32).

    Raises:
        Invalid: `time_is_past`; as `handing.check_agreed`.
    """
    standing = await flow.open_proposal(act.work, act.case.id)
    check_agreed(act, data.done_by, data.words, None if standing is None else standing.done_by)
    proposal = await _answered(act, "accepted", data.words)
    body = data.model_dump(mode="json", exclude_none=True) | {"number": proposal.number} | _recorded(act)
    done_by: datetime | None = data.done_by or proposal.done_by
    if data.done_by is not None or (done_by is not None and done_by > act.now):
        assert done_by is not None
        body |= await agree_on(act, done_by)
    act.tell_responsible("accepted")
    return body


async def decline(act: Acting, data: Words) -> dict[str, Any]:
    """The owner does not agree: the department studies it again, and owes another reply (HC-30)."""
    number = (await _answered(act, "declined", data.words)).number
    await act.clocks.start("C3")
    act.tell_responsible("declined")
    await tell_specialists(act, "declined")
    return data.model_dump() | {"number": number} | _recorded(act)


async def _answered(act: Acting, answer: Answered, words: str | None) -> CaseProposal:
    proposal = await flow.open_proposal(act.work, act.case.id)
    assert proposal is not None
    proposal.answer, proposal.words = answer, words
    proposal.answered_by, proposal.answered_at = act.caller.account_id, act.now
    return proposal


def _recorded(act: Acting) -> dict[str, Any]:
    return {"recorded_by": act.name} if act.caller.kind == "staff" else {}
