"""Files that a subject shows without a line: a post its photos. The subject decides who sees them (`Shows`)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, NotFound
from backend.db.work import Work
from backend.features.files import repository
from backend.features.files.rules import Kind
from backend.features.files.service.beginning import sweep_at
from backend.platform.process import Process


class Shows(Protocol):
    """What one kind of subject that shows files says about those who ask for one (`backend/shows.py`)."""

    async def may_see(self, caller: Caller, subject_id: UUID) -> bool:
        """Whether the caller sees the subject now, and with it its files."""


async def use(
    process: Process,
    work: Work,
    account_id: UUID,
    subject_kind: str,
    subject_id: UUID,
    files: Sequence[UUID],
    *,
    kind: Kind,
    field: str,
    further: bool = False,
) -> None:
    """Have a subject show exactly these files, within the caller's transaction; `further`: beside those it shows.

    Those it shows already stay, whoever handed them in; a further one must be the account's own, ready and of `kind`.
    What is no longer shown is swept when its time is over. It needs no lock, as `may_be_said` needs none.

    Raises:
        NotFound: there is none, it is somebody else's, or its time is over.
        Conflict: `file_not_ready`, `file_refused`, `file_of_another_kind`.
    """
    shown = await repository.uses(work, subject_kind, subject_id)
    added = [one for one in files if one not in shown]
    unused = timedelta(hours=process.settings.files_unused_hours)
    found = {row.id: row for row in await repository.usable(work, account_id, added, unused)} if added else {}
    for one in added:
        row = found.get(one)
        if row is None:
            raise NotFound(field=field)
        if row.state == "refused":
            raise Conflict("file_refused", field=field)
        if row.state != "ready":
            raise Conflict("file_not_ready", field=field)
        if row.kind != kind:
            raise Conflict("file_of_another_kind", field=field)
    dropped = [] if further else sorted(shown - set(files))
    await repository.set_uses(work, subject_kind, subject_id, added=added, dropped=dropped)
    for one in dropped:
        await sweep_at(process, work, one, after=unused)
