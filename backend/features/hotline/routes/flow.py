"""A case's verbs, each an address of its own; what each does stands with its move (`service/moves`)."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Response

from backend.core.locale import Locale
from backend.core.wire import Asked
from backend.features.hotline import schemas, service, telling
from backend.features.hotline.acts import ACTS
from backend.features.hotline.acts_flow import FLOW_ACTS
from backend.platform.http.caller import SignedIn
from backend.platform.http.etags import version_tag
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

flow = router(tag="cases")

Base = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Only as I have seen it.")]

VERBS: Final[Mapping[str, tuple[str, str, str]]] = {
    "classify": (
        "classification",
        "classify_case",
        "Say how grave a case is, what it is about, at which step.",
    ),
    "dispatch": (
        "dispatch",
        "dispatch_case",
        "Hand a case to the position of its category; who has it is told at once.",
    ),
    "take": ("taking", "take_case", "Take a case over: I have it from now on."),
    "contact": (
        "contacts",
        "record_case_contact",
        "Record a call or talk: when, reached or not, what was said. A delivered push is no contact.",
    ),
    "note_positions": (
        "positions",
        "note_case_positions",
        "Note where the customer stands and where the company does; both, before anything is proposed.",
    ),
    "answer_meanwhile": (
        "interim-answers",
        "answer_case_meanwhile",
        "Answer the customer while the department is late. It is not the reply: that clock goes on.",
    ),
    "propose": (
        "proposals",
        "propose_for_case",
        "Put a proposal to the owner. Not accepted, another one follows, until both agree.",
    ),
    "withdraw_proposal": ("proposals/withdrawal", "withdraw_case_proposal", "Take back what was proposed."),
    "accept": (
        "proposals/acceptance",
        "accept_case_proposal",
        "Accept what was proposed; an employee records what the owner said.",
    ),
    "decline": (
        "proposals/refusal",
        "decline_case_proposal",
        "Do not accept what was proposed, and why: another proposal is owed.",
    ),
    "agree_date": (
        "agreed-date",
        "agree_case_date",
        "Agree by when it is done. Agreed anew, what was promised first stays beside it.",
    ),
    "progress": ("progress", "report_case_progress", "Report how it goes; the owner reads it."),
    "finish": (
        "completion",
        "finish_case",
        "Record that the work is done. Somebody who did not handle it asks the owner within a week.",
    ),
    "answer": (
        "answer",
        "answer_case",
        "Answer what needs no proposal: common parts, an enquiry, nobody to reach.",
    ),
    "explain": ("explanation", "explain_case", "Explain to the customer why a complaint was found invalid."),
    "conclude": ("conclusion", "conclude_case", "Record how far it was carried where nobody agrees."),
    "judge": (
        "judgement",
        "judge_case",
        "Decide whether a complaint is valid, by its cause and harm, or not.",
    ),
    "ask_closing": (
        "closing/request",
        "ask_case_closing",
        "Ask that a case be closed which nobody accepts: with its grounds, and the day it is looked at again.",
    ),
    "refuse_closing": ("closing/refusal", "refuse_case_closing", "Do not close a case for what was asked."),
    "close": (
        "closing",
        "close_case",
        "Close a case, for a reason. What is lacking for it is named; closing what somebody asked for approves it.",
    ),
    "reopen": ("reopening", "reopen_case", "Open a case again: contact and reply are owed anew."),
    "pause": (
        "pause",
        "pause_case",
        "Have its clocks wait for the owner, who sees it; their next word ends it.",
    ),
    "resume": ("resumption", "resume_case", "Have its clocks go on."),
    "merge": ("merging", "merge_case", "Follow a case in another that is about the same."),
    "link": ("links", "link_case", "Link a case with another, or with a repair."),
    "pass_on": (
        "ticket",
        "pass_case_on",
        "It is a repair: it goes on as a ticket, with one engineer to the end.",
    ),
    "bar": (
        "bars",
        "bar_from_case",
        "Keep an employee from a case for good: it is about them. Had they it, another has it now.",
    ),
    "claim": ("claims", "claim_on_case", "Ask for compensation, or for another home."),
    "decide_claim": (
        "claims/decision",
        "decide_case_claim",
        "Approve or refuse a claim, level by level. While no table of approval is set, nobody can.",
    ),
    "withdraw_claim": ("claims/withdrawal", "withdraw_case_claim", "Take a claim back."),
}
"""By move: its address below the case, its operation, and what it is."""


async def _make(
    process: Here,
    work: Uow,
    caller: SignedIn,
    locale: Locale,
    case_id: UUID,
    code: str,
    data: Mapping[str, Any],
    base_version: int | None,
    response: Response,
) -> schemas.Case:
    now = process.clock.now()
    await service.move(process, work, caller, now, case_id, code, data, base_version=base_version)
    found = await service.find_case(work, caller, now, case_id)
    response.headers["etag"] = version_tag(found.row.version)
    return telling.case(found, caller, locale)


def _route(code: str, body: type[Asked]) -> None:
    path, name, what = VERBS[code]

    async def verb(
        process: Here,
        work: Uow,
        caller: SignedIn,
        lang: Lang,
        case_id: UUID,
        asked: body,  # type: ignore[valid-type]  # each verb has its own, known when the module is read
        response: Response,
        base_version: Base = None,
    ) -> schemas.Case:
        data: Asked = asked
        sent = data.model_dump(exclude_unset=True)
        return await _make(process, work, caller, lang, case_id, code, sent, base_version, response)

    verb.__name__, verb.__doc__ = name, what
    flow.post(f"/cases/{{case_id}}/{path}", responses=problems(401, 403, 404, 409))(verb)


for _code in VERBS:
    _route(_code, (ACTS | FLOW_ACTS)[_code])
