"""What an owner thought of a conversation that is over."""

from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, NotAllowed
from backend.db.work import Work
from backend.features.chat.models import Rating
from backend.features.chat.repository import conversations
from backend.features.chat.repository.duty import first_holder
from backend.features.chat.rules import LOW_STARS
from backend.features.chat.service.desk import Desk, flush
from backend.features.chat.service.duty import NobodyOnDuty
from backend.features.chat.service.rights import require_seen
from backend.features.people.service import nearest_holders

MANAGER = "customer_manager"
"""Who is told of a low rating: the customer manager in charge (RO-01)."""


async def rate(
    work: Work,
    caller: Caller,
    now: datetime,
    nobody_on_duty: NobodyOnDuty,
    id_: UUID,
    stars: int,
    text: str | None,
) -> None:
    """By whose conversation it is, once, after it was closed. Of a low one the manager is told.

    Raises:
        NotFound: there is none for this caller.
        NotAllowed: `not_your_conversation`: somebody else of the household opened it.
        Conflict: `conversation_open`, `rated_already`.
    """
    await require_seen(work, caller, now, id_)
    one = await conversations.lock(work, id_)
    assert one is not None
    if one.account_id != caller.account_id:
        raise NotAllowed("not_your_conversation")
    if one.state != "closed":
        raise Conflict("conversation_open")
    if await conversations.rating_of(work, id_) is not None:
        raise Conflict("rated_already")
    work.add(Rating(conversation_id=id_, account_id=caller.account_id, stars=stars, text=text, at=now))
    await flush(work)
    desk = Desk(work, now, nobody_on_duty, {id_: one})
    desk.note(one, "rated", {"stars": stars, "text": text}, caller.account_id)
    if stars <= LOW_STARS:
        held = (await nearest_holders(work, [(one.node_id, MANAGER)], now))[one.node_id, MANAGER]
        manager = None
        if held.node_id is not None:
            manager = await first_holder(work, held.node_id, MANAGER, now)
        if manager is not None:
            await conversations.ask_in(work, id_, manager.id, "helper", now)
            work.announce(f"account:{manager.id}")
        told = {"of": "rated", "stars": stars, "role": MANAGER, "name": manager.name if manager else None}
        desk.note(one, "noted", told, None, "staff")
    await desk.settle()
