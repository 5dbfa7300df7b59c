"""A caller's own threads: the list, and the lines in which words stand."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.paging import decode_cursor, encode_cursor
from backend.db.direct import Direct
from backend.platform.http.digests import told_tag
from backend.platform.threads import (
    Hit,
    Mine,
    Sight,
    Wanted,
    lines_with,
    seen_by,
    threads_listed,
    threads_mark,
)


async def threads(
    direct: Direct,
    sights: Mapping[str, Sight],
    caller: Caller,
    now: datetime,
    *,
    subject_kind: str | None,
    unread: bool,
    cursor: str | None,
    limit: int,
    shape: str,
    holds: Callable[[str], bool] | None,
) -> tuple[str, bytes | None]:
    """The entity tag of a page of the caller's threads and, unless they hold that, the page as JSON.

    Raises:
        Invalid: `cursor_invalid`.
    """
    mine = _mine(sights, caller, now)
    wanted = Wanted(
        caller.account_id,
        seen_by(caller, "staff"),
        limit,
        decode_cursor(cursor, tuple[datetime, UUID]),
        subject_kind,
        unread,
    )
    if holds is not None and holds(tag := told_tag(await threads_mark(direct, mine, wanted), shape)):
        return tag, None
    page = await threads_listed(direct, mine, wanted)
    following = b"null" if page.next is None else f'"{encode_cursor(*page.next)}"'.encode()
    return told_tag(page.mark, shape), b'{"items":[%b],"next":%b}' % (page.items, following)


async def search(
    direct: Direct,
    sights: Mapping[str, Sight],
    caller: Caller,
    now: datetime,
    words: str,
    *,
    cursor: str | None,
    limit: int,
) -> Sequence[Hit]:
    """The lines of the caller's threads in which `words` stand, the newest first; one more than `limit`, if there are.

    Raises:
        Invalid: `cursor_invalid`.
    """
    after = decode_cursor(cursor, tuple[datetime, UUID, int])
    mine, sees = _mine(sights, caller, now), seen_by(caller, "staff")
    return await lines_with(direct, mine, caller.account_id, sees, words, limit, after)


def _mine(sights: Mapping[str, Sight], caller: Caller, now: datetime) -> list[Mine]:
    return [sight.mine(caller, now) for sight in sights.values()]
