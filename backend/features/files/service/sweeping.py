"""What nobody needs goes: uploads that were never finished, files that no line names, files whose lines were erased.

First the objects, then the row, by the timer that was set with the row: killed anywhere between, it does it over again,
so nothing lies in the store for ever without a row that leads to it.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from backend.core.logging import log
from backend.db.work import Work
from backend.features.files import repository
from backend.features.files.service.beginning import SWEEP
from backend.features.files.service.keys import file_under, pieces_under
from backend.platform.process import Process
from backend.platform.storage import StoreAway
from backend.platform.timers import DueTimer, NewTimer, schedule_many

_AT_ONCE: Final = 16
_AWAY: Final = timedelta(minutes=30)


async def sweep(process: Process, work: Work, due: Sequence[DueTimer]) -> None:
    """Delete what is not needed of these files. One whose store is away is tried again in half an hour."""
    rows = await repository.needed(work, [UUID(timer.key) for timer in due])
    places = asyncio.Semaphore(_AT_ONCE)

    async def clear(row: Any) -> bool:
        async with places:
            try:
                await process.store.delete_under(pieces_under(row.id))
                if not _needed(row):
                    await process.store.delete_under(file_under(row.id))
            except StoreAway as error:
                log.warning("files_not_swept", file=str(row.id), error=str(error))
                return False
        return True

    cleared = await asyncio.gather(*(clear(row) for row in rows))
    left = [row.id for row, done in zip(rows, cleared, strict=True) if not done]
    again = process.clock.now() + _AWAY
    await schedule_many(work, process.waker, [NewTimer(SWEEP, str(one), again, {}) for one in left])
    await repository.delete(
        work, [row.id for row, done in zip(rows, cleared, strict=True) if done and not _needed(row)]
    )


async def let_go(process: Process, work: Work, named: Sequence[UUID]) -> None:
    """Lines that named these files were erased: what no other line names is nobody's at once, and is swept."""
    removed = await repository.remove_unnamed(work, named)
    now = process.clock.now()
    await schedule_many(work, process.waker, [NewTimer(SWEEP, str(one), now, {}) for one in removed])


def _needed(row: Any) -> bool:
    return bool(row.state == "ready" and row.named)
