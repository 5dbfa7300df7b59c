"""What a caller may do with a thread, as its subject decides. The door of this feature."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from backend.core.errors import Invalid, NotAllowed, NotFound
from backend.db.direct import Direct
from backend.db.work import Work
from backend.platform.http.caller import Caller
from backend.platform.threads import (
    Appended,
    Audience,
    NewEntry,
    Sight,
    Standing,
    append,
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
    subject_kind: str
    subject_id: UUID
    sees: Audience
    sight: Sight


async def seen(direct: Direct, sights: Mapping[str, Sight], caller: Caller, thread_id: UUID) -> Seen:
    """The thread, when the caller may see it.

    Raises:
        NotFound: there is none, or none for this caller.
    """
    subject = await subject_of(direct, thread_id)
    if subject is None or (sight := sights.get(subject.kind)) is None:
        raise NotFound()
    sees = await sight.sight(caller, subject.id)
    if sees is None:
        raise NotFound()
    return Seen(thread_id, subject.kind, subject.id, seen_by(caller, sees), sight)


async def standing(direct: Direct, caller: Caller, thread: Seen) -> Standing:
    """The thread's head, the caller's read mark, and how many lines they have not read."""
    return await standing_of(direct, thread.id, thread.sees, caller.account_id)


async def entries(
    direct: Direct, thread: Seen, *, after: int | None, before: int | None, limit: int
) -> bytes:
    """A page as JSON: from `after` on the oldest first; else, before `before` or from the end, the newest first.

    Raises:
        Invalid: `after_or_before`: both were given.
    """
    if after is None:
        return await entries_before(
            direct, thread.id, thread.sees, LAST_SEQ if before is None else before, limit
        )
    if before is not None:
        raise Invalid("after_or_before", field="before")
    return await entries_after(direct, thread.id, thread.sees, after, limit)


async def say(work: Work, caller: Caller, thread: Seen, entry: NewEntry) -> Appended:
    """Write what a person says; a repeat of its `cid` gives the first line.

    Raises:
        NotAllowed: `may_not_write`; `staff_lines_by_staff`: an internal line by somebody who could not read it.
    """
    if not await thread.sight.may_write(caller, thread.subject_id):
        raise NotAllowed("may_not_write")
    if entry.audience == "staff" and thread.sees != "staff":
        raise NotAllowed("staff_lines_by_staff", field="audience")
    return await append(work, entry)


async def take_back(work: Work, caller: Caller, thread: Seen, seq: int) -> Appended:
    """Hide a line of one's own from everybody. Raises what `withdraw` raises."""
    return await withdraw(work, thread.id, thread.sees, caller.account_id, seq)


async def read_to(work: Work, caller: Caller, thread: Seen, seq: int) -> int:
    """Move the caller's read mark on to `seq`; returns where it is now."""
    return await mark_read(work, thread.id, thread.sees, caller.account_id, seq)
