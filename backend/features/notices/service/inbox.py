"""The inbox of whoever asks, and the log of what was sent, for those who may read it out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import NotFound
from backend.db.work import Work
from backend.features.notices.repository import inbox
from backend.features.notices.repository.inbox import page, unread
from backend.features.people.service import scope_of

__all__ = ["deliveries_of", "mark_read", "one", "opened", "page", "unread"]


async def one(work: Work, caller: Caller, notice_id: UUID) -> Any:
    """One of the caller's notices.

    Raises:
        NotFound: it is none of theirs.
    """
    found = await inbox.one(work, caller.account_id, notice_id)
    if found is None:
        raise NotFound()
    return found


async def mark_read(work: Work, caller: Caller, notice_id: UUID, *, and_before: bool) -> None:
    """The caller has read it, or everything up to it. Their other sockets hear of it.

    Raises:
        NotFound: it is none of theirs.
    """
    if not await inbox.is_theirs(work, caller.account_id, notice_id):
        raise NotFound()
    await inbox.mark_read(work, caller.account_id, notice_id, and_before=and_before)
    work.announce(f"account:{caller.account_id}")


async def opened(work: Work, caller: Caller, delivery_id: UUID) -> None:
    """The caller has opened what was sent to them, and so has read it.

    Raises:
        NotFound: it was not sent to them.
    """
    notice_id = await inbox.opened(work, caller.account_id, delivery_id)
    if notice_id is None:
        raise NotFound()
    await inbox.mark_read(work, caller.account_id, notice_id, and_before=False)
    work.announce(f"account:{caller.account_id}")


async def deliveries_of(work: Work, caller: Caller, now: datetime, notice_id: UUID) -> Sequence[Any]:
    """What was sent of a notice, by what, when, and what became of it: an employee can read it out.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: it was told to nobody in the caller's scope.
    """
    scope = await scope_of(work, caller, "see_people", now)
    if not await inbox.seen_by(work, notice_id, caller.account_id, scope):
        raise NotFound()
    return await inbox.log_of(work, notice_id)
