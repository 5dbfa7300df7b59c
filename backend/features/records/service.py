"""What a caller may do with a thread, as its subject decides. The door of this feature."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Invalid, NotAllowed, NotFound
from backend.db.direct import Direct
from backend.db.work import Work
from backend.platform.threads import (
    Appended,
    Audience,
    NewEntry,
    Page,
    Sight,
    Standing,
    Subject,
    entries_after,
    entries_before,
    mark_read,
    seen_by,
    standing_of,
    subject_of,
    withdraw,
)

LAST_SEQ = 2**31 - 1
"""The greatest number an entry can have."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A thread in a caller's sight: what it is about, and which lines they are shown."""

    id: UUID
    subject: Subject
    sees: Audience
    sight: Sight


async def seen(direct: Direct, sights: Mapping[str, Sight], caller: Caller, thread_id: UUID) -> Seen:
    """The thread, when the caller may see it.

    Raises:
        NotFound: there is none, or none for this caller.
    """
    subject = await subject_of(direct, thread_id)
    if subject is None:
        raise NotFound()
    return await _allowed(sights, caller, thread_id, subject)


async def _allowed(sights: Mapping[str, Sight], caller: Caller, thread_id: UUID, subject: Subject) -> Seen:
    sight = sights.get(subject.kind)
    sees = None if sight is None else await sight.sight(caller, subject.id)
    if sight is None or sees is None:
        raise NotFound()
    return Seen(thread_id, subject, seen_by(caller, sees), sight)


async def standing(direct: Direct, caller: Caller, thread: Seen) -> Standing:
    """The thread's head, the caller's read mark, and how many lines they have not read."""
    return await standing_of(direct, thread.id, thread.sees, caller.account_id)


async def entries(
    direct: Direct,
    sights: Mapping[str, Sight],
    caller: Caller,
    thread_id: UUID,
    *,
    after: int | None,
    before: int | None,
    limit: int,
) -> bytes:
    """A page as JSON: from `after` on the oldest first; else, before `before` or from the end, the newest first.

    The page is read with its subject in one statement, as far as callers of this kind can see at all, and given away
    only when the subject allows it.

    Raises:
        Invalid: `after_or_before`: both were given.
        NotFound: there is none, or none for this caller.
    """
    if after is not None and before is not None:
        raise Invalid("after_or_before", field="before")

    async def read(sees: Audience) -> Page:
        if after is not None:
            page = await entries_after(direct, thread_id, sees, after, limit)
        else:
            end = LAST_SEQ if before is None else before
            page = await entries_before(direct, thread_id, sees, end, limit)
        if page is None:
            raise NotFound()
        return page

    widest = seen_by(caller, "staff")
    page = await read(widest)
    thread = await _allowed(sights, caller, thread_id, page.subject)
    return page.body if thread.sees == widest else (await read(thread.sees)).body


async def say(work: Work, caller: Caller, thread: Seen, entry: NewEntry) -> Appended:
    """Write what a person says; a repeat of its `cid` gives the first line.

    Raises:
        NotAllowed: `may_not_write`; `staff_lines_by_staff`: an internal line by somebody who could not read it.
    """
    if not await thread.sight.may_write(caller, thread.subject.id):
        raise NotAllowed("may_not_write")
    if entry.audience == "staff" and thread.sees != "staff":
        raise NotAllowed("staff_lines_by_staff", field="audience")
    return await thread.sight.speak(work, caller, thread.subject.id, entry)


async def take_back(work: Work, caller: Caller, thread: Seen, seq: int) -> Appended:
    """Hide a line of one's own from everybody. Raises what `withdraw` raises."""
    return await withdraw(work, thread.id, thread.sees, caller.account_id, seq)


async def read_to(work: Work, caller: Caller, thread: Seen, seq: int) -> int:
    """Move the caller's read mark on to `seq`; returns where it is now."""
    return await mark_read(work, thread.id, thread.sees, caller.account_id, seq)
