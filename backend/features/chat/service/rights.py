"""Who may look at a conversation and act on it."""

from datetime import datetime
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.db.work import Work
from backend.features.chat.models import Conversation
from backend.features.chat.repository import conversations
from backend.features.people.service import HOUSEHOLD_ROLES, household_sees, roles_that_may

SHARING: Final = tuple(role for role in HOUSEHOLD_ROLES if household_sees(role, "conversations"))
"""Roles of a household that share what it talks about with the hotline."""

ANSWERING: Final = tuple(roles_that_may("answer_hotline"))
"""Roles whose holders answer the hotline at their node and below."""


async def require_seen(work: Work, caller: Caller, now: datetime, id_: UUID) -> None:
    """Let pass whoever sees the conversation.

    Raises:
        NotFound: there is none for this caller.
    """
    if caller.kind == "owner":
        seen = await conversations.owner_sees_it(work, id_, caller.account_id, SHARING)
    else:
        today = local_date(now)
        seen = await conversations.staff_see_it(work, id_, caller.account_id, ANSWERING, today)
    if not seen:
        raise NotFound()


async def to_handle(work: Work, caller: Caller, now: datetime, id_: UUID) -> Conversation:
    """A conversation that an employee sees, locked.

    Raises:
        NotFound: there is none for this caller.
    """
    await require_seen(work, caller, now, id_)
    found = await conversations.lock(work, id_)
    assert found is not None
    return found
