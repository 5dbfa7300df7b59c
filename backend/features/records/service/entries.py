"""Pages of a thread's lines: what phones ask for again and again."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NoReturn, TypeVar
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Invalid, NotFound
from backend.db.direct import Direct
from backend.features.records.service.seeing import allowed
from backend.platform.http.digests import told_tag
from backend.platform.threads import (
    Audience,
    Mark,
    Page,
    Sight,
    entries_after,
    entries_before,
    entries_mark,
    eyes_of,
    seen_by,
)

Found = TypeVar("Found", Mark, Page)

LAST_SEQ = 2**31 - 1
"""The greatest number an entry can have."""


async def entries(
    direct: Direct,
    sights: Mapping[str, Sight],
    caller: Caller,
    now: datetime,
    thread_id: UUID,
    *,
    after: int | None,
    before: int | None,
    limit: int,
    shape: str,
    holds: Callable[[str], bool] | None,
) -> tuple[str, bytes | None]:
    """The page's entity tag and, unless the caller `holds` that already, the page as JSON.

    From `after` on the oldest first; else, before `before` or from the end, the newest first. It is read with its
    subject in one statement, as far as callers of this kind can see at all, and given away only when the subject allows
    it.

    Raises:
        Invalid: `after_or_before`: both were given.
        NotFound: there is none, or none for this caller.
    """
    if after is not None and before is not None:
        raise Invalid("after_or_before", field="before")

    eyes = eyes_of(sights, caller, now)

    async def mark(sees: Audience) -> Mark:
        return _there(await entries_mark(direct, eyes, thread_id, sees))

    async def read(sees: Audience) -> Page:
        if after is not None:
            return _there(await entries_after(direct, eyes, thread_id, sees, after, limit))
        end = LAST_SEQ if before is None else before
        return _there(await entries_before(direct, eyes, thread_id, sees, end, limit))

    async def seen_as(found: Mark) -> Audience:
        if found.seen is not None:
            return widest if found.seen else _hidden()
        return (await allowed(sights, caller, thread_id, found.subject)).sees

    sees = widest = seen_by(caller, "staff")
    if holds is not None:
        found = await mark(widest)
        sees = await seen_as(found)
        found = found if sees == widest else await mark(sees)
        if holds(tag := _tag(found, sees, shape)):
            return tag, None
        page = await read(sees)
    else:
        page = await read(widest)
        sees = await seen_as(page.mark)
        page = page if sees == widest else await read(sees)
    return _tag(page.mark, sees, shape), page.body


def _tag(mark: Mark, sees: Audience, shape: str) -> str:
    return told_tag(mark.head, mark.erased, sees, shape)


def _there(found: Found | None) -> Found:
    return _hidden() if found is None else found


def _hidden() -> NoReturn:
    raise NotFound()
