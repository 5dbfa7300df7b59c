"""The visit: its time, the way there, protection before work, the work itself."""

from typing import Any

from backend.core.errors import Invalid
from backend.features.repairs.acts import Abort, Appoint, CallOff, Finish, Miss, Nothing, Protect, Start
from backend.features.repairs.models import TicketFinish, TicketTick
from backend.features.repairs.rules.visits import Span, outcome_of
from backend.features.repairs.service import visits
from backend.features.repairs.service.acting import Acting


async def appoint(act: Acting, data: Appoint) -> dict[str, Any]:
    """Both sides have agreed on a time. Where no date of completion was agreed, the visit is it: C4 runs until its end.

    Raises:
        Invalid: `dates_reversed`, `time_is_past`; what `visits.agree` raises.
        Conflict: what `visits.agree` raises.
    """
    if data.ends_at <= data.starts_at:
        raise Invalid("dates_reversed", field="ends_at")
    if data.ends_at <= act.now:
        raise Invalid("time_is_past", field="ends_at")
    appointment = await visits.agree(act, Span(data.starts_at, data.ends_at))
    if act.ticket.state == "appointed":
        act.change(appointments_moved=act.ticket.appointments_moved + 1)
    if act.clocks.open("C4") is None:
        await act.clocks.agree("C4", data.ends_at)
    told = {"what": "appointed"}
    await act.tell_household("ticket_moved", f"appoint:{act.ticket.version}", told)
    act.tell_engineer("ticket_moved", f"appoint:{act.ticket.version}", told)
    return {"appointment": str(appointment)} | data.model_dump(mode="json")


async def call_off(act: Acting, data: CallOff) -> dict[str, Any]:
    """The agreed visit does not take place; another time is agreed."""
    await visits.end(act, "called_off", data.reason)
    told = {"what": "called_off"}
    await act.tell_household("ticket_moved", f"call_off:{act.ticket.version}", told)
    act.tell_engineer("ticket_moved", f"call_off:{act.ticket.version}", told)
    return data.model_dump()


async def miss(act: Acting, data: Miss) -> dict[str, Any]:
    """Nobody came, as the household says: it stands on record, and another time is agreed. Raises as `visits.miss`."""
    await visits.miss(act)
    act.tell_engineer("ticket_moved", f"miss:{act.ticket.version}", {"what": "missed"})
    return data.model_dump(exclude_none=True)


async def set_out(act: Acting, _data: Nothing) -> dict[str, Any]:
    """The engineer is on the way."""
    await act.tell_household("ticket_moved", f"set_out:{act.ticket.version}", {"what": "on_the_way"})
    return {}


async def arrive(act: Acting, _data: Nothing) -> dict[str, Any]:
    """The engineer stands at the door: a visit begins, and its evidence with it. Somebody is there in person (C2)."""
    visit = act.ticket.visit + 1
    act.change(visit=visit, livable=None)
    act.clocks.meet("C2", "arrive")
    return {"visit": visit}


async def abort(act: Acting, data: Abort) -> dict[str, Any]:
    """Nothing could be done this time; it is counted, and another time is agreed. Raises as `visits.check_begun`."""
    if data.reason == "nobody_home":
        await visits.check_begun(act)
    act.change(visits_abortive=act.ticket.visits_abortive + 1)
    await visits.end(act, outcome_of(data.reason), data.reason)
    await act.tell_household("ticket_moved", f"abort:{act.ticket.version}", {"what": "aborted"})
    return data.model_dump(exclude_none=True)


async def protect(act: Acting, data: Protect) -> dict[str, Any]:
    """Protections that stand, with photos (RP-05, RP-06, RP-11, FM-55). What is ticked stays ticked.

    Raises:
        Invalid: `photo_missing`; what `files.service.use` raises.
    """
    await act.show([photo for one in data.items for photo in one.photos], "items")
    for place, one in enumerate(data.items):
        if one.item != "cut_elsewhere" and not one.photos:
            raise Invalid("photo_missing", field=f"items.{place}.photos")
        if one.item not in act.stands.covered:
            act.work.add(
                TicketTick(
                    ticket_id=act.ticket.id,
                    visit=act.ticket.visit,
                    item=one.item,
                    absent=one.absent,
                    photos=one.photos,
                    by_id=act.caller.account_id,
                    at=act.at,
                )
            )
    return {"visit": act.ticket.visit} | data.model_dump(mode="json")


async def start(act: Acting, data: Start) -> dict[str, Any]:
    """Work begins: everything is protected."""
    act.change(livable=data.livable)
    return {"visit": act.ticket.visit, "livable": data.livable}


async def finish(act: Acting, data: Finish) -> dict[str, Any]:
    """Work is recorded as done: C4 ends, the return visit's clock begins (C5), and what is now pointless is void."""
    photos = await act.show(data.photos, "photos")
    await visits.end(act, "kept", None)
    act.work.add(
        TicketFinish(
            ticket_id=act.ticket.id,
            visit=act.ticket.visit,
            words=data.words,
            photos=photos,
            losses=data.losses.model_dump(),
            by_id=act.caller.account_id,
            at=act.at,
        )
    )
    act.change(done_at=act.now)
    act.clocks.meet("C4", "finish")
    act.clocks.void({"C2", "C3"}, "finish")
    if act.clocks.open("C5") is None:
        await act.clocks.start("C5")
    await act.tell_household("ticket_moved", f"finish:{act.ticket.version}", {"what": "done"})
    return {"visit": act.ticket.visit} | data.model_dump(mode="json")
