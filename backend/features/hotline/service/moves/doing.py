"""What was agreed is done by the agreed date, or carried as far as it goes (HC-31, HC-32)."""

from typing import Any

from backend.features.hotline.acts import Words
from backend.features.hotline.acts_flow import AgreeDate
from backend.features.hotline.service.acting import Acting
from backend.features.hotline.service.moves.handing import agree_on, check_agreed, hand_on, tell_specialists


async def agree_date(act: Acting, data: AgreeDate) -> dict[str, Any]:
    """C4 runs until what both agreed. Agreed anew, the owner sees what was promised first beside it (HC-32).

    Raises:
        Invalid: `time_is_past`; as `handing.check_agreed`.
    """
    standing = act.clocks.open("C4")
    check_agreed(act, data.done_by, data.words, None if standing is None else standing.due_at)
    body = await agree_on(act, data.done_by, data.words)
    if act.caller.kind == "owner":
        act.tell_responsible("date_agreed")
    else:
        await act.tell_household("date_agreed")
    return body | data.model_dump(exclude={"done_by"}, exclude_none=True)


async def finish(act: Acting, data: Words) -> dict[str, Any]:
    """The work is done and recorded; the service staff are told, so that somebody else visits and it closes (HC-31)."""
    await hand_on(act)
    await tell_specialists(act, "finished")
    await act.tell_household("finished")
    return data.model_dump() | {"name": act.name}


async def conclude(act: Acting, data: Words) -> dict[str, Any]:
    """Nobody agrees and we can do no more: how far it was carried, before it is closed for that (HC-40, HC-41)."""
    await hand_on(act)
    await tell_specialists(act, "concluded")
    await act.tell_household("concluded")
    return data.model_dump() | {"name": act.name}
