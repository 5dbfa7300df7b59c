"""Imports over the API: a file comes in, a job reads it, somebody looks at the report, another job writes it."""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.config import Settings
from backend.core.errors import Conflict, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.models import Import
from backend.features.estate.repository import imports
from backend.features.estate.service.committing import write_report
from backend.features.estate.service.reading import read_into_report
from backend.features.people.service import scope_of
from backend.platform.outbox import enqueue
from backend.platform.process import Process

READ_IMPORT: Final = "read_import"
COMMIT_IMPORT: Final = "commit_import"
_CHUNK = 1 << 20


async def receive(
    process: Process,
    work: Work,
    caller: Caller,
    file: BinaryIO,
    file_name: str,
    *,
    region: str | None,
    project: str | None,
) -> Import:
    """Keep an uploaded file under an id of ours and have it read.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    now = process.clock.now()
    scope = await scope_of(work, caller, "import_estate", now)
    import_id = new_id()
    held = Import(
        id=import_id,
        account_id=caller.account_id,
        file_name=shown_name(file_name),
        file_digest=await asyncio.to_thread(_keep, file, _path(process.settings, import_id)),
        region=region,
        project=project,
        scope=scope,
        state="received",
        created_at=now,
    )
    work.add(held)
    await enqueue(work, process.waker, READ_IMPORT, {"import_id": str(import_id)})
    # What the database fills in is shown in the answer.
    await work.refresh(held)
    return held


async def read_import(process: Process, work: Work, import_id: UUID) -> None:
    """The job that reads a received file. Run again after a crash, it begins anew; the file goes once it is read."""
    held = await work.get_one(Import, import_id)
    path = _path(process.settings, import_id)
    if not path.exists():
        held.state, held.code = "refused", "file_gone"
        return

    async def show(rows: int) -> None:
        # In a transaction of its own, so that whoever watches sees it before the report is whole.
        async with process.works.begin() as other:
            await imports.note_progress(other, import_id, rows)

    async def forget_file() -> None:
        await asyncio.to_thread(path.unlink, missing_ok=True)

    await show(0)
    await read_into_report(work, process.sealer, held, path, now=process.clock.now(), on_progress=show)
    work.after_commit(forget_file)


async def commit_import(process: Process, work: Work, import_id: UUID) -> None:
    """The job that writes a read import into the estate; one that was asked for twice is written once."""
    held = await work.get_one(Import, import_id, with_for_update=True)
    if held.state != "committing":
        return
    await write_report(process, work, held, now=process.clock.now())


async def find_import(
    work: Work, caller: Caller, now: datetime, import_id: UUID, *, lock: bool = False
) -> Import:
    """An import that the caller uploaded.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none.
    """
    await scope_of(work, caller, "import_estate", now)
    held = await imports.import_of(work, import_id, caller.account_id, lock=lock)
    if held is None:
        raise NotFound()
    return held


async def report_of(
    work: Work, caller: Caller, now: datetime, import_id: UUID, state: str | None, after: int, limit: int
) -> Sequence[Any]:
    """A page of an import's rows, by number.

    Raises:
        NotAllowed, NotFound: as for `find_import`.
    """
    await find_import(work, caller, now, import_id)
    return await imports.rows_page(work, import_id, state, after, limit)


async def ask_to_commit(
    process: Process, work: Work, caller: Caller, import_id: UUID, *, accept_good_rows: bool
) -> Import:
    """Have a read import written. Asked again, it answers the same and writes nothing twice.

    Raises:
        NotAllowed, NotFound: as for `find_import`.
        Conflict: `import_not_read_yet`, `import_refused`, `import_has_refused_rows`, `import_has_no_good_rows`.
    """
    held = await find_import(work, caller, process.clock.now(), import_id, lock=True)
    match held.state:
        case "committed":
            return held
        case "committing":
            # Its job may have been parked after many failures: asking again is how a person tries again.
            await enqueue(work, process.waker, COMMIT_IMPORT, {"import_id": str(import_id)})
            return held
        case "received" | "reading":
            raise Conflict("import_not_read_yet")
        case "refused":
            raise Conflict("import_refused")
    if held.sums["refused"] and not accept_good_rows:
        raise Conflict("import_has_refused_rows", count=held.sums["refused"])
    if not held.sums["ok"]:
        raise Conflict("import_has_no_good_rows")
    held.state, held.accept_good_rows = "committing", accept_good_rows
    await enqueue(work, process.waker, COMMIT_IMPORT, {"import_id": str(import_id)})
    return held


def shown_name(file_name: str) -> str:
    """A client's file name, only ever shown: its last part, without what cannot be seen."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in name if char.isprintable())[:200] or "?"


def _path(settings: Settings, import_id: UUID) -> Path:
    return settings.import_folder / str(import_id)


def _keep(file: BinaryIO, path: Path) -> bytes:
    """Copy the file, readable by us alone; its SHA-256."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
    return digest.digest()
