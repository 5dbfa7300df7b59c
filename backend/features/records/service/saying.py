"""What a caller does on a thread: say something, take it back, note how far they have read."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import NotAllowed
from backend.db.work import Work
from backend.features.files.service import may_be_said
from backend.features.records.service.seeing import Seen
from backend.platform.process import Process
from backend.platform.threads import Appended, NewEntry, mark_read, withdraw

NAMES_A_FILE: Final = frozenset({"photo", "file", "voice"})
"""The kinds of lines whose body names one, as `file`."""


async def check_file(process: Process, account_id: UUID, kind: str, body: Mapping[str, Any]) -> None:
    """Pass when the file that a line names may be said by this account. One read; a line that names none costs nothing.

    For every road that people's lines come by: `body` has been checked for its form, its `file` is a UUID's text.

    Raises what `files.service.may_be_said` raises.
    """
    if kind in NAMES_A_FILE:
        unused = timedelta(hours=process.settings.files_unused_hours)
        await may_be_said(process.direct, account_id, kind, UUID(body["file"]), unused=unused)


async def say(work: Work, caller: Caller, thread: Seen, entry: NewEntry) -> Appended:
    """Write what a person says, with whatever follows from it; a repeat of its `cid` gives the first line.

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


async def read_to(work: Work, caller: Caller, thread: Seen, seq: int) -> tuple[int, bool]:
    """Move the caller's read mark on to `seq`; returns where it is now, and whether it has moved."""
    return await mark_read(work, thread.id, thread.sees, caller.account_id, seq)
