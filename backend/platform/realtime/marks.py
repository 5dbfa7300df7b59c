"""Read marks of all sockets, gathered for a moment and written by one statement."""

import asyncio
from typing import Final
from uuid import UUID

from backend.core.logging import log
from backend.platform.realtime.hub import Hub
from backend.platform.realtime.messages import Marked, packed
from backend.platform.realtime.presence import Presences
from backend.platform.threads import mark_many

_GATHER_SECONDS: Final = 0.05
_PAUSE_SECONDS: Final = 1.0
_WAITING_MOST: Final = 50_000
_AT_ONCE: Final = 1000

Mark = tuple[int, bool]
"""How far, and whether the account sees the staff's lines."""


class Marks:
    """Marks that wait to be written. Of one account on one thread the furthest counts."""

    def __init__(self, hub: Hub, presences: Presences) -> None:
        self._hub, self._presences = hub, presences
        self._waiting: dict[tuple[UUID, UUID], Mark] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, thread_id: UUID, account_id: UUID, seq: int, *, staff: bool) -> bool:
        """Have a mark written. False: too many wait."""
        key = (thread_id, account_id)
        waiting = self._waiting.get(key)
        if waiting is None and len(self._waiting) >= _WAITING_MOST:
            return False
        if waiting is None or waiting[0] < seq:
            self._waiting[key] = (seq, staff)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return True

    async def settled(self) -> None:
        """Wait until what was noted is written, or cannot be."""
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=_PAUSE_SECONDS)

    def tell(self, thread_id: UUID, mark: Marked) -> None:
        """Tell whoever watches the thread, on every node, of a mark that has moved."""
        self._hub.bus.publish(f"thread:{thread_id}", packed(mark))
        if (thread := self._hub.threads.get(thread_id)) is not None:
            self._presences.marked(thread, mark)

    async def _write(self) -> None:
        try:
            await asyncio.sleep(_GATHER_SECONDS)
            while self._waiting:
                batch = dict(list(self._waiting.items())[:_AT_ONCE])
                for key in batch:
                    del self._waiting[key]
                try:
                    async with self._hub.process.works.begin() as work:
                        moved = await mark_many(work, [(*key, *mark) for key, mark in batch.items()])
                except Exception as error:
                    log.warning("marks_unwritten", error=type(error).__name__, marks=len(batch))
                    for key, mark in batch.items():
                        # What came meanwhile may be from a device that is behind.
                        self._waiting[key] = max(mark, self._waiting.get(key, mark))
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                for thread_id, account_id, seq in moved:
                    self.tell(thread_id, Marked(account_id, batch[thread_id, account_id][1], seq))
        finally:
            self._writing = None
