"""The tickets of a project for those who answer for it: which, how old, whose work (EN-11, SN-05)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotAllowed, NotFound
from backend.core.paging import decode_cursor, encode_cursor
from backend.core.wire import Instant
from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.estate.service import project_scope
from backend.features.repairs.repository import ledger as repository
from backend.features.repairs.repository.ledger import By, Filter
from backend.features.repairs.service.parts import SEE

__all__ = ["By", "Filter", "ages", "tickets_page"]


async def tickets_page(
    direct: Direct,
    caller: Caller,
    now: datetime,
    project_id: UUID,
    wanted: Filter,
    cursor: str | None,
    limit: int,
) -> bytes:
    """A page of a project's tickets as JSON, the last opened first. Nobody's contact is among them.

    A hot read: see the repository.

    Raises:
        Invalid: `cursor_invalid`.
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    after = decode_cursor(cursor, tuple[Instant, UUID])
    asker = (caller.account_id, SEE, local_date(now))
    page = await repository.page(direct, asker, project_id, now, wanted, after, limit)
    if not page.may:
        raise NotAllowed("not_in_your_role")
    if not page.seen:
        raise NotFound()
    last = page.next
    following = b"null" if last is None else f'"{encode_cursor(last[0].isoformat(), last[1])}"'.encode()
    return b'{"items":[%b],"next":%b}' % (page.items, following)


async def ages(
    work: Work, caller: Caller, now: datetime, project_id: UUID, wanted: Filter, by: By
) -> Sequence[Any]:
    """How many live tickets are how old, by state, component, engineer or company.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    await project_scope(work, caller, now, project_id, "see_people")
    return await repository.ages(work, project_id, now, wanted, by)
