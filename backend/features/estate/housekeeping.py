"""Sweeping up what a failed request left behind."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from backend.db.work import Work
from backend.features.estate.repository import imports
from backend.platform.process import Process

# An upload whose request failed after the file was kept belongs to no import; by then nobody waits for it.
_ORPHAN_SECONDS = 24 * 3600


def forget_uploads(process: Process) -> Callable[[Work], Awaitable[None]]:
    """Delete files of the import folder that are a day old and that no import is still to read."""

    async def forget(work: Work) -> None:
        wanted = await imports.still_to_read(work)
        await asyncio.to_thread(_delete, process.settings.import_folder, {str(one) for one in wanted})

    return forget


def _delete(folder: Path, wanted: set[str]) -> None:
    if not folder.exists():
        return
    old = time.time() - _ORPHAN_SECONDS
    for path in folder.iterdir():
        if path.name not in wanted and path.stat().st_mtime < old:
            path.unlink(missing_ok=True)
