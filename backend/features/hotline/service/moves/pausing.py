"""Standing still for the owner's sake, and going on."""

from typing import Any

from backend.features.hotline.acts import Nothing, Pause
from backend.features.hotline.service.acting import Acting


async def pause(act: Acting, data: Pause) -> dict[str, Any]:
    """What waits for the owner stands still; what is ours alone goes on. Their next act resumes it."""
    stopped = act.clocks.pause(data.reason)
    act.change(paused_for=data.reason, paused_at=act.now)
    # The owner's next word goes through the case's own verb, which resumes it.
    act.direct = False
    await act.tell_household("paused")
    return data.model_dump(exclude_none=True) | {"clocks": stopped}


async def resume(act: Acting, _data: Nothing) -> dict[str, Any]:
    """On it goes, with what was left of each clock."""
    await resume_by(act)
    return {}


async def resume_by(act: Acting) -> None:
    """The same, before another act of the owner's."""
    act.change(paused_for=None, paused_at=None)
    await act.clocks.resume()
    act.direct = True
    if act.caller.kind == "owner":
        act.tell_responsible("resumed")
