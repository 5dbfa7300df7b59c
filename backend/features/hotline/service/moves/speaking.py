"""A person speaks with whoever brought a case; and what either side holds of it."""

from typing import Any

from backend.core.errors import Invalid
from backend.core.ids import new_id
from backend.features.hotline.acts import Contact, NotePositions
from backend.features.hotline.models import CaseTalk
from backend.features.hotline.service.acting import Acting


async def contact(act: Acting, data: Contact) -> dict[str, Any]:
    """Who, when, reached or not, what was said: recorded by a person, which ends C2 (HC-12, CT-05, CT-06).

    Raises:
        Invalid: `time_in_future`; `before_receipt`.
    """
    spoken_at = data.spoken_at or act.now
    if spoken_at > act.now:
        raise Invalid("time_in_future", field="spoken_at")
    if spoken_at < act.case.received_at:
        raise Invalid("before_receipt", field="spoken_at")
    act.work.add(
        CaseTalk(
            id=new_id(),
            case_id=act.case.id,
            kind="contact",
            channel=data.channel,
            reached=data.reached,
            words=data.words,
            by_id=act.caller.account_id,
            spoken_at=spoken_at,
            at=act.now,
        )
    )
    return {"reached": data.reached, "words": data.words, "name": act.name} | (
        {"spoken_at": spoken_at.isoformat()} if spoken_at < act.now else {}
    )


async def note_positions(act: Acting, data: NotePositions) -> dict[str, Any]:
    """What the customer holds and what the company does, for staff alone (CT-26).

    Raises:
        Invalid: `value_missing`: neither is said.
    """
    said = data.model_dump(exclude_none=True)
    if not said:
        raise Invalid("value_missing", field="customer")
    act.change(**{f"{side}_position": words for side, words in said.items()})
    return said
