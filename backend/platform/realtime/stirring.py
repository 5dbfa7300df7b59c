"""Features hear on which threads something stirs: a line that all may see, somebody who begins to write or ends.

Gathered, and told once a second at most, so that nothing is asked for each line.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final
from uuid import UUID

from backend.core.logging import log

_GATHER_SECONDS, _PAUSE_SECONDS = 0.05, 0.95
_WAITING_MOST: Final = 20_000

Stirred = Callable[[Collection[UUID]], Awaitable[None]]
"""Told the threads on which something stirred."""


class Stirring:
    """One a process."""

    def __init__(self, stirred: Stirred) -> None:
        self._stirred = stirred
        self._threads: set[UUID] = set()
        self._telling: asyncio.Task[None] | None = None

    def stir(self, thread_id: UUID) -> None:
        """Have it told. What comes when too many wait is dropped: whoever follows hears of the next."""
        if len(self._threads) < _WAITING_MOST:
            self._threads.add(thread_id)
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    async def aclose(self) -> None:
        """Tell nothing more."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)

    async def _tell(self) -> None:
        try:
            while self._threads:
                await asyncio.sleep(_GATHER_SECONDS)
                threads, self._threads = self._threads, set()
                try:
                    await self._stirred(threads)
                except Exception as error:
                    log.warning("stir_untold", error=type(error).__name__, threads=len(threads))
                await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            self._telling = None
