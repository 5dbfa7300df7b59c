"""Lists of cases: one's own, and the queue by clock (CS-01)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.paging import decode_cursor
from backend.db.work import Work
from backend.features.hotline.repository import lists
from backend.features.hotline.service.parts import HOUSEHOLD
from backend.features.people.service import scope_of


async def my_cases(
    work: Work, caller: Caller, ownership_id: UUID | None, cursor: str | None, limit: int, *, live: bool
) -> Sequence[Any]:
    """The caller's: an owner's household's; those an employee has, or took in. One more where more follow.

    Raises:
        Invalid: `cursor_invalid`.
    """
    after = decode_cursor(cursor, tuple[datetime, UUID])
    return await lists.my_cases(
        work, caller.kind, caller.account_id, HOUSEHOLD, ownership_id, after, limit, live=live
    )


async def queue_page(
    work: Work, caller: Caller, now: datetime, filters: dict[str, Any], cursor: str | None, limit: int
) -> Sequence[Any]:
    """Cases in the caller's scope to which something is owed: the urgent first, then what is due first.

    Raises:
        NotAllowed: `not_in_your_role`.
        Invalid: `cursor_invalid`.
    """
    scope = await scope_of(work, caller, "see_people", now)
    after = decode_cursor(cursor, tuple[int, datetime, UUID])
    return await lists.queue(work, caller.account_id, scope, filters, after, limit)
