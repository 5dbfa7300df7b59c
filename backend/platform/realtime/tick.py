"""The slow tick, which makes up for whatever the fast ways have lost: lines, ends of sessions and of rights."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Final
from uuid import UUID

from backend.core.clock import local_date
from backend.core.logging import log
from backend.platform.realtime.hub import Hub
from backend.platform.realtime.inboxes import Notifying
from backend.platform.realtime.joining import Joining
from backend.platform.realtime.presence import Presences
from backend.platform.realtime.topics import Topics
from backend.platform.realtime.watched import Watched

_PRESENCE_SECONDS: Final = 25.0
_SESSIONS_SECONDS: Final = 60.0
_CLOCK_MOVED_SECONDS: Final = 5.0
_AT_ONCE: Final = 20_000

_HEADS: Final = "SELECT id, head FROM thread WHERE id = ANY ($1)"

Living = Callable[[Collection[UUID]], Awaitable[set[UUID]]]
"""Which of these sessions still live."""


class Tick:
    """One a process. `now` has it look at once, for the bus or the line of signals has been away."""

    def __init__(
        self,
        hub: Hub,
        joining: Joining,
        topics: Topics,
        presences: Presences,
        notifying: Notifying,
        *,
        living: Living,
        seconds: float,
    ) -> None:
        self._hub, self._joining, self._topics, self._presences = hub, joining, topics, presences
        self._notifying, self._living, self._seconds = notifying, living, seconds
        self._stirred = asyncio.Event()
        self._everything = False
        self._emptied: set[Watched] = set()
        self._was = self._time()
        self._due = {"presence": 0.0, "sessions": time.monotonic() + _SESSIONS_SECONDS}
        hub.missed = self._missed

    def now(self, *, everything: bool = False) -> None:
        """Look at once; with `everything`, at every session and right too."""
        self._everything = self._everything or everything
        self._stirred.set()

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            for look in (self._lines, self._rights, self._sessions, self._presence):
                try:
                    await look()
                except Exception as error:
                    log.warning("tick_failed", look=look.__name__, error=type(error).__name__)
            try:
                await asyncio.wait_for(self._stirred.wait(), self._seconds)
                # So that many who come at once are looked at together.
                await asyncio.sleep(0.02)
            except TimeoutError:
                pass
            self._stirred.clear()

    def _missed(self) -> None:
        self._topics.missed()
        self._notifying.missed()
        self.now()

    async def _lines(self) -> None:
        """Compare what has been handed out with PostgreSQL; forget threads that nobody has watched for a tick."""
        threads = self._hub.threads
        for thread in self._emptied:
            if thread.empty and threads.get(thread.id) is thread:
                await self._hub.drop(thread)
        self._emptied = {thread for thread in threads.values() if thread.empty}
        ids = list(threads)
        for start in range(0, len(ids), _AT_ONCE):
            for row in await self._hub.direct.fetch(_HEADS, ids[start : start + _AT_ONCE]):
                known = threads.get(row["id"])
                if known is not None and known.level is not None and row["head"] > known.level:
                    self._hub.is_at(known, row["head"])

    async def _rights(self) -> None:
        """A day has begun, the clock has moved, or signals were missed: whatever may be done is asked anew."""
        was, self._was = self._was, self._time()
        moved = abs(self._was[1] - was[1]) > _CLOCK_MOVED_SECONDS
        if moved:
            self._due["sessions"] = 0.0
        if self._everything:
            self._everything = False
            self._due["sessions"] = 0.0
        elif was[0] == self._was[0] and not moved:
            return
        for number, socket in enumerate(list(self._hub.sockets)):
            self._joining.ask_again(socket)
            self._topics.ask_again(socket)
            if number % 100 == 0:
                await asyncio.sleep(0)

    async def _sessions(self) -> None:
        if not self._is_due("sessions", _SESSIONS_SECONDS):
            return
        ids = list(self._hub.by_session)
        for start in range(0, len(ids), _AT_ONCE):
            asked = ids[start : start + _AT_ONCE]
            living = await self._living(asked)
            self._hub.end_sessions(session_id for session_id in asked if session_id not in living)

    async def _presence(self) -> None:
        if self._is_due("presence", _PRESENCE_SECONDS):
            await self._presences.refresh()

    def _is_due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._due[what]:
            return False
        self._due[what] = now + every
        return True

    def _time(self) -> tuple[object, float]:
        """The local day; and how far our clock is from one that nobody moves."""
        now = self._hub.process.clock.now()
        return local_date(now), now.timestamp() - time.monotonic()
