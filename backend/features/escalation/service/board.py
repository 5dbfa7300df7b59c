"""The live board: every living chain in one's scope, whom it calls, and when it goes on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from backend.core.caller import Caller
from backend.core.errors import NotFound
from backend.db.work import Work
from backend.features.escalation.repository import board, listing
from backend.features.people.service import scope_of


async def board_page(
    work: Work,
    caller: Caller,
    now: datetime,
    *,
    node_id: UUID | None,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Living chains in the caller's scope, the next to go on first.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    scope = await scope_of(work, caller, "oversee", now)
    return await board.living(
        work, scope, caller.account_id, node_id=node_id, state=state, after=after, limit=limit
    )


async def chain_shown(work: Work, caller: Caller, now: datetime, chain_id: UUID) -> Row[Any]:
    """A living chain in the caller's scope.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: none.
    """
    scope = await scope_of(work, caller, "oversee", now)
    found = await board.living(work, scope, caller.account_id, id_=chain_id)
    if not found:
        raise NotFound()
    return found[0]


async def pages_of_mine(
    work: Work, caller: Caller, before: UUID | None, limit: int, *, open_only: bool
) -> Sequence[listing.PageRow]:
    """The caller's pages, the newest first."""
    return await listing.mine(work, caller.account_id, before, limit, open_only=open_only)


async def page_shown(work: Work, page_id: UUID) -> listing.PageRow:
    """A page as it is shown, for who has just acted on it."""
    [found] = await listing.pages_shown(work, [page_id])
    return found
