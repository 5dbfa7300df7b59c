"""New lines are told to those who are away: who has not read them a moment after they were written.

The path on which lines are written knows nothing of this. A sweep finds the threads on which something was said, and
who reads on an open socket has marked it read before the sweep comes by.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.logging import log
from backend.db.work import Work
from backend.features.notices.repository.unread import spoken_on, take_turn, unread_lines
from backend.features.notices.service.telling import About, Telling, tell_many
from backend.platform.process import Process
from backend.platform.threads import Sight

SWEEP_SECONDS: Final = 3.0
GRACE: Final = timedelta(seconds=5)
AGAIN_AFTER: Final = timedelta(minutes=1)
"""So long nobody is told of the same thread again; what was said meanwhile is then told as one."""

# Longer than any of the above; after an absence of all workers, as long as such a notice lives.
_LATELY: Final = timedelta(minutes=5)
_AFTER_START: Final = timedelta(days=1)
_MANY: Final = 1000
# No session stands behind it: a right is asked after, nothing is done by it.
_NO_SESSION: Final = UUID(int=0)


Addressees = Callable[[Work, Collection[UUID]], Awaitable[Mapping[UUID, Collection[UUID]]]]
"""Of subjects of one kind: whom a line there is for, whether or not they have ever opened it, and who sees it now."""


class Absent:
    """Tells those who are away, until cancelled."""

    def __init__(
        self, process: Process, sights: Mapping[str, Sight], addressees: Mapping[str, Addressees]
    ) -> None:
        self._process, self._sights, self._addressees = process, sights, addressees
        self._since = _AFTER_START

    async def run(self) -> None:
        """Look every few seconds."""
        while True:
            try:
                if await self.look() < _MANY:
                    self._since = _LATELY
            except Exception as error:
                log.warning("unread_lines_untold", error=type(error).__name__)
            await asyncio.sleep(SWEEP_SECONDS)

    async def look(self) -> int:
        """Tell everybody there is to tell now; how many had unread lines."""
        async with self._process.works.begin() as work:
            if not await take_turn(work):
                return 0
            rows = await unread_lines(
                work,
                await self._given(work),
                since=self._since,
                grace=GRACE,
                pause=AGAIN_AFTER,
                most=_MANY,
            )
            # To have written on a thread once gives no right to it now.
            seen = [row for row in rows if row.given or await self._sees(row)]
            await tell_many(work, [_telling(row) for row in seen])
        return len(rows)

    async def _given(self, work: Work) -> list[tuple[UUID, UUID]]:
        found: list[tuple[UUID, UUID]] = []
        spoken = await spoken_on(work, self._addressees, self._since)
        for kind, of_kind in self._addressees.items():
            threads = {row.subject_id: row.id for row in spoken if row.subject_kind == kind}
            if threads:
                told = await of_kind(work, threads)
                found += [(threads[subject], one) for subject, accounts in told.items() for one in accounts]
        return found

    async def _sees(self, row: Any) -> bool:
        sight = self._sights.get(row.subject_kind)
        caller = Caller(row.account_id, _NO_SESSION, row.account_kind)
        return sight is not None and await sight.sight(caller, row.subject_id) is not None


def _telling(row: Any) -> Telling:
    about = About(row.subject_kind, row.subject_id, row.thread_id, row.seq)
    key = f"lines:{row.thread_id}:{row.seq}"
    return Telling("thread_lines", [row.account_id], {"count": row.count}, about, key)
