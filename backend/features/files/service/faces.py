"""The face of an employee: one photo, seen by whoever is served by them (`backend/shows.py` says who that is)."""

from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.db.work import Work
from backend.features.files.service.using import use
from backend.platform.process import Process

FACE: Final = "face"
"""The kind of subject that shows it; its id is the employee's account."""


async def set_face(
    process: Process, work: Work, caller: Caller, account_id: UUID, photo: UUID | None
) -> None:
    """Have an employee show this photo, which the caller has handed in, and no other; None: none at all.

    Raises:
        NotFound: there is no such photo of the caller's, or its time is over.
        Conflict: `file_not_ready`, `file_refused`, `file_of_another_kind`.
    """
    shown = [] if photo is None else [photo]
    await use(process, work, caller.account_id, FACE, account_id, shown, kind="photo", field="photo")
