"""Telling whoever brought a case where it stands: meanwhile, as the whole answer, or why it is not valid."""

from typing import Any

from backend.core.ids import new_id
from backend.features.hotline.acts import Words
from backend.features.hotline.acts_flow import AnswerMeanwhile, Told
from backend.features.hotline.models import CaseTalk
from backend.features.hotline.rules.words import Talk
from backend.features.hotline.service.acting import Acting
from backend.features.hotline.service.moves.handing import hand_on, tell_specialists, told_at


async def answer_meanwhile(act: Acting, data: AnswerMeanwhile) -> dict[str, Any]:
    """The customer is answered first while the department is late (HC-36, CS-04). It is not the reply: C3 goes on.

    Raises:
        Invalid: `time_in_future`, `before_receipt`.
    """
    body = _talk(act, data, "interim")
    await act.tell_household("answered_meanwhile")
    act.tell_responsible("answered_meanwhile")
    return body


async def answer(act: Acting, data: Told) -> dict[str, Any]:
    """What needs no proposal is answered, which is the reply and the end of the matter itself (HC-37).

    Raises:
        Invalid: `time_in_future`, `before_receipt`.
    """
    body = _talk(act, data, "answer")
    await hand_on(act)
    await act.tell_household("answered")
    return body


async def explain(act: Acting, data: Told) -> dict[str, Any]:
    """What was found invalid is explained well (HC-25).

    Raises:
        Invalid: `time_in_future`, `before_receipt`.
    """
    body = _talk(act, data, "explanation")
    await hand_on(act)
    await act.tell_household("explained")
    return body


async def progress(act: Acting, data: Words) -> dict[str, Any]:
    """How it goes: the owner reads it, and the specialist is told (HC-14)."""
    await tell_specialists(act, "progressed")
    await act.tell_household("progressed")
    return data.model_dump() | {"name": act.name}


def _talk(act: Acting, data: Told, kind: Talk) -> dict[str, Any]:
    spoken_at = told_at(act, data.spoken_at)
    act.work.add(
        CaseTalk(
            id=new_id(),
            case_id=act.case.id,
            kind=kind,
            channel=data.channel,
            reached=True,
            words=data.words,
            by_id=act.caller.account_id,
            spoken_at=spoken_at,
            at=act.now,
        )
    )
    # Why the department is late is between it and us.
    said = data.model_dump(mode="json", exclude={"spoken_at", "because"}, exclude_none=True)
    if isinstance(data, AnswerMeanwhile):
        act.note("department_late", {"because": data.because}, act.caller.account_id, audience="staff")
    return said | {"name": act.name} | ({"spoken_at": spoken_at.isoformat()} if spoken_at < act.now else {})
