"""How a case ends, and begins again (HC-37 to HC-41, CT-28, CT-29)."""

from typing import Any

from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid, NotAllowed
from backend.core.ids import new_id
from backend.features.hotline.acts import Words
from backend.features.hotline.acts_flow import AskClosing, Close, Reopen
from backend.features.hotline.models import CaseClosing
from backend.features.hotline.repository import cases, flow
from backend.features.hotline.rules import closing as rules
from backend.features.hotline.rules.states import legal
from backend.features.hotline.rules.words import ClosingReason
from backend.features.hotline.service.acting import SUBJECT, Acting, in_each_language
from backend.features.hotline.service.moves.handing import tell_specialists
from backend.features.hotline.service.parts import HOUSEHOLD
from backend.features.hotline.service.refusing import Refused
from backend.features.hotline.service.reviewing import forget_review, schedule_review
from backend.features.notices.service import About, Telling
from backend.features.standard.service import stored
from backend.features.visits.service import void
from backend.platform.threads import NewEntry


async def ask_closing(act: Acting, data: AskClosing) -> dict[str, Any]:
    """Somebody asks that it be closed although nobody accepts it, with its grounds; another approves by closing it.

    Raises:
        Invalid: `closing_not_to_ask`, where the reason needs nobody's approval; `review_past`.
        Conflict: `closing_asked_already`.
        Refused: `closing_lacks`, with what.
    """
    reason = await _reason(act, data.reason)
    if not reason.needs_approval:
        raise Invalid("closing_not_to_ask", field="reason")
    if data.review_on is not None and data.review_on <= local_date(act.now):
        raise Invalid("review_past", field="review_on")
    if await flow.closing_asked(act.work, act.case.id) is not None:
        raise Conflict("closing_asked_already")
    grounds = rules.Grounds(data.legal_basis is not None, data.review_on is not None)
    _refuse(act, rules.lacking_to_ask(reason, await flow.ending_of(act.work, act.case), grounds))
    act.work.add(
        CaseClosing(
            id=new_id(),
            case_id=act.case.id,
            round=act.case.round,
            reason=data.reason,
            words=data.words,
            legal_basis=data.legal_basis,
            review_on=data.review_on,
            asked_by=act.caller.account_id,
            asked_at=act.now,
        )
    )
    return data.model_dump(mode="json", exclude_none=True)


async def refuse_closing(act: Acting, data: Words) -> dict[str, Any]:
    """It is not closed for that: whoever asked goes on with it.

    Raises:
        Conflict: `closing_not_asked`.
    """
    asked = await flow.closing_asked(act.work, act.case.id)
    if asked is None:
        raise Conflict("closing_not_asked")
    _decide(act, asked, "refused", data.words)
    act.tell_responsible("closing_refused")
    await tell_specialists(act, "closing_refused")
    return data.model_dump() | {"reason": asked.reason}


async def close(act: Acting, data: Close) -> dict[str, Any]:
    """Closed, by a person, for a reason; where that was asked for, whoever closes it approves it (CT-28, MG-11).

    Raises:
        Invalid: `closing_reason_missing`; `closing_asked_otherwise`, where another reason was asked for.
        NotAllowed: `closing_not_yours`, where it needs the approval of somebody else who oversees it.
        Refused: `closing_lacks`, with what.
    """
    asked = await flow.closing_asked(act.work, act.case.id)
    if asked is None and data.reason is None:
        raise Invalid("closing_reason_missing", field="reason")
    if asked is not None and data.reason not in {None, asked.reason}:
        raise Invalid("closing_asked_otherwise", field="reason", reason=asked.reason)
    code = asked.reason if asked is not None else data.reason
    assert code is not None
    reason = await _reason(act, code)
    if asked is not None and (asked.asked_by == act.caller.account_id or "manager" not in act.parts):
        raise NotAllowed("closing_not_yours")
    grounds = rules.Grounds()
    if asked is not None:
        grounds = rules.Grounds(asked.legal_basis is not None, asked.review_on is not None, approved=True)
    _refuse(act, rules.missing(reason, await flow.ending_of(act.work, act.case), grounds))
    if asked is None:
        asked = CaseClosing(
            id=new_id(),
            case_id=act.case.id,
            round=act.case.round,
            reason=code,
            words=data.words,
            asked_by=act.caller.account_id,
            asked_at=act.now,
            state="closed",
            decided_by=act.caller.account_id,
            decided_at=act.now,
        )
        act.work.add(asked)
    else:
        _decide(act, asked, "closed", data.words)
    act.change(close_reason=code)
    await void(act.work, act.now, [(SUBJECT, act.case.id)], "ended", by=act.caller.account_id)
    if asked.review_on is not None:
        await schedule_review(act.work, act.process.waker, act.case.id, asked.review_on)
    await act.tell_household("closed")
    await _tell_merged(act)
    return {"reason": code, "words": data.words}


async def reopen(act: Acting, data: Reopen) -> dict[str, Any]:
    """It is not over: the owner is contacted and replied to anew (CS-08)."""
    await begin_again(act)
    act.tell_responsible("reopened")
    if act.caller.kind == "staff":
        await act.tell_household("reopened")
    return data.model_dump()


async def begin_again(act: Acting) -> None:
    """Another round begins: what was asked for, planned and agreed in the last one is over."""
    asked = await flow.closing_asked(act.work, act.case.id)
    if asked is not None:
        _decide(act, asked, "refused", None)
    await void(act.work, act.now, [(SUBJECT, act.case.id)], "reopened", by=act.caller.account_id)
    await forget_review(act.work, act.case.id)
    act.clocks.void({"C4", "C5"}, "reopen")
    again = act.case.round + 1
    act.change(round=again, done_at=None)
    for code in ("C2", "C3"):
        if (clock := await act.clocks.start(code)) is not None:
            clock.round = again
    await tell_specialists(act, "reopened")


async def _tell_merged(act: Acting) -> None:
    """Whoever brought the same matter hears on their own thread that it is closed: they do not see this one."""
    what = in_each_language("case.told_closed")
    for one in await flow.merged_into(act.work, act.case.id):
        act.entries.append(NewEntry(one.thread_id, "closed_with", {"number": act.case.number}, None))
        people = await cases.household(act.work, one.id, HOUSEHOLD)
        about = About(SUBJECT, one.id, one.thread_id)
        told = f"case:{one.id}:{one.version}:closed_with:{act.case.version}"
        act.tellings.append(Telling("case_moved", people, {"number": one.number, "what": what}, about, told))


async def _reason(act: Acting, code: ClosingReason) -> rules.Reason:
    """The reason as the case's standard has it; one it does not have is closed by nobody alone."""
    if act.case.standard_version_id is not None:
        standard = (await stored(act.work, act.case.standard_version_id)).document
        for one in standard.closing_reasons:
            if one.code == code.replace("_", "-"):
                return rules.Reason(code, one.needs_approval, one.needs_return_visit)
    return rules.Reason(code, needs_approval=code != rules.ACCEPTED, needs_return_visit=True)


def _decide(act: Acting, asked: CaseClosing, state: Any, words: str | None) -> None:
    asked.state, asked.decision = state, words
    asked.decided_by, asked.decided_at = act.caller.account_id, act.now


def _refuse(act: Acting, lacking: list[rules.Demand]) -> None:
    if lacking:
        raise Refused("closing_lacks", act.case, legal(act.case.state, act.parts), missing=list(lacking))
