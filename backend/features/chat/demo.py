"""The demo's hotline: one conversation waits, so that whoever tries it sees a queue."""

from datetime import datetime

from sqlalchemy import select

from backend.core.caller import Caller
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.chat.models import Conversation
from backend.features.chat.repository.conversations import homes_of
from backend.features.chat.service import Asked, NobodyOnDuty, open_conversation
from backend.features.people.service import owner_by_phone

_OWNER = "+8613800000001"
_SAID = "你好，厨房水槽下面在漏水，今天能来看一下吗？"


async def open_one(work: Work, now: datetime, nobody_on_duty: NobodyOnDuty) -> None:
    """Have the demo's owner ask for something, once."""
    owner = await owner_by_phone(work, _OWNER)
    if owner is None or await work.scalar(select(Conversation.id).limit(1)) is not None:
        return
    # The session is only named: the demo's owner has not signed in.
    caller = Caller(owner.id, new_id(), "owner")
    homes = await homes_of(work, owner.id)
    if homes:
        asked = Asked(_SAID, ownership_id=homes[0].ownership_id)
        await open_conversation(work, caller, now, nobody_on_duty, asked)
