"""Looking at conversations: one, a list, a queue, one's place in it; and what the socket's topics say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.chat.repository import conversations, views
from backend.features.chat.service.rights import ANSWERING, SHARING, require_seen
from backend.features.people.service import scope_of


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation with what belongs to it (`row`), and who takes part now; `people` is empty in a list."""

    row: Any
    people: Sequence[Any] = ()


async def find_conversation(work: Work, caller: Caller, now: datetime, id_: UUID) -> Found:
    """One that the caller sees.

    Raises:
        NotFound: there is none for this caller.
    """
    await require_seen(work, caller, now, id_)
    return Found(await views.one(work, id_), await views.people(work, id_))


async def find_handled(work: Work, id_: UUID) -> Found:
    """One that the caller has just acted on."""
    return Found(await views.one(work, id_), await views.people(work, id_))


async def conversations_page(
    work: Work,
    caller: Caller,
    now: datetime,
    filters: dict[str, Any],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Found]:
    """A page of those the caller sees, the newest first; `filters` are for employees."""
    if caller.kind == "owner":
        rows = await views.mine(work, caller.account_id, SHARING, after, limit)
    else:
        today = local_date(now)
        rows = await views.seen(work, caller.account_id, ANSWERING, today, filters, after, limit)
    return [Found(row) for row in rows]


async def place_of(direct: Direct, caller: Caller, now: datetime, id_: UUID) -> Any | None:
    """Where a conversation stands in line; None: there is none for this caller."""
    if caller.kind == "owner":
        return await views.my_place(direct, id_, caller.account_id, SHARING)
    return await views.its_place(direct, id_, caller.account_id, ANSWERING, local_date(now))


async def queue_page(
    work: Work,
    caller: Caller,
    now: datetime,
    project_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """A page of those that wait in the caller's scope, longest first.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    scope = await scope_of(work, caller, "answer_hotline", now)
    if project_id is not None and not await conversations.project_in_scope(work, project_id, scope):
        raise NotFound()
    today = local_date(now)
    return await views.queue(work, caller.account_id, ANSWERING, today, project_id, after, limit)
