"""A thread that sockets of this node watch: how far it has been handed out, and to whom.

`level` is the seq up to which every live watcher has been given what it may see. A line that comes next is handed out
at once; one that came before is dropped; one that leaves a gap has the gap fetched from PostgreSQL first.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final
from uuid import UUID

from backend.core.logging import log
from backend.platform.realtime.frames import entry_told
from backend.platform.realtime.messages import NewLine, State
from backend.platform.realtime.reader import Reader
from backend.platform.threads import Subject

_PENDING_MOST: Final = 500

Fetch = Callable[[UUID, int], Coroutine[Any, Any, tuple[list[NewLine], int, bool]]]
"""A thread's lines for staff behind a seq; its head then; whether there are more."""


class Watch:
    """One socket on one thread. `last`: the line it was sent last, or its cursor; lines up to `upto` are past for it.

    While it is given the past, live lines wait in `pending`; `joining` is the task that gives it. `begun`: how far the
    thread had been handed out here when lines began to wait.
    """

    __slots__ = ("begun", "joining", "last", "overflown", "pending", "reader", "staff", "thread", "upto")

    def __init__(self, reader: Reader, thread: "Watched") -> None:
        self.reader, self.thread = reader, thread
        self.staff = False
        self.begun: int | None = None
        self.last = self.upto = 0
        self.pending: list[NewLine] | None = None
        self.overflown = False
        self.joining: asyncio.Task[None] | None = None

    def give(self, line: NewLine) -> None:
        """Send a line to this watcher alone, unless it is past or not for it."""
        seq, staff_only, text = line
        if seq > self.upto and (self.staff or not staff_only):
            self.reader.put(entry_told(self.thread.wire_id, self.last, text))
            self.last = seq


class Watched:
    """A thread and its watchers here."""

    __slots__ = (
        "_again", "_known", "_repairing", "id", "joining", "level", "live", "present", "remote", "subject",
        "subscribing", "topic", "typing", "wire_id",
    )  # fmt: skip

    def __init__(self, thread_id: UUID) -> None:
        self.id = thread_id
        self.wire_id = str(thread_id).encode()
        self.topic = f"thread:{thread_id}"
        self.subject: Subject | None = None
        self.subscribing: asyncio.Future[None] | None = None
        self.level: int | None = None
        self.live: set[Watch] = set()
        self.joining: set[Watch] = set()
        # What presence keeps here; see there.
        self.present: dict[UUID, tuple[bool, State]] | None = None
        self.remote: dict[UUID, tuple[bool, State]] | None = None
        self.typing: dict[UUID, asyncio.TimerHandle] | None = None
        # The highest seq that is known to be on record, handed out or not.
        self._known = 0
        self._again = False
        self._repairing: asyncio.Task[None] | None = None

    @property
    def empty(self) -> bool:
        """Whether nobody here watches it any more."""
        return not self.live and not self.joining

    @property
    def behind(self) -> bool:
        """Whether lines are on record that have not been handed out."""
        return self.level is not None and self._known > self.level

    def hand_out(self, lines: Sequence[NewLine]) -> None:
        """Take lines that were just committed, in order: next ones go out, past ones do not, gaps are remembered."""
        for line in lines:
            seq = line[0]
            if self.level is None or seq > self.level + 1:
                self._known = max(self._known, seq)
            elif seq == self.level + 1:
                self._give(line)

    def hand_out_fetched(self, lines: Sequence[NewLine], head: int | None) -> int:
        """Take lines as PostgreSQL gave them, which leave out only what nobody is shown. `head`: these are all up to
        there. Returns how many were new."""
        assert self.level is not None
        new = 0
        for line in lines:
            if line[0] > self.level:
                self._give(line)
                new += 1
        if head is not None and head > self.level:
            self.level = head
        return new

    def is_at(self, head: int) -> None:
        """PostgreSQL says the thread's head is there now."""
        if self.level is None:
            self.level = head
        self._known = max(self._known, head)

    def join(self, watch: Watch, head: int) -> None:
        """The watcher has all up to `head`: what came meanwhile is given to it, and it is live. Nothing is awaited."""
        watch.upto = head
        self.joining.discard(watch)
        pending, watch.pending = watch.pending or (), None
        for line in pending:
            watch.give(line)
        self.live.add(watch)

    def leave(self, watch: Watch) -> None:
        """The watcher is given nothing more."""
        self.live.discard(watch)
        self.joining.discard(watch)
        watch.pending = None

    def repair(self, fetch: Fetch, fetched: Callable[[int], None]) -> None:
        """Fetch what is missing, unless that is under way already; `fetched` is told how many lines were missing."""
        self._again = True
        if self._repairing is None:
            self._repairing = asyncio.create_task(self._repair(fetch, fetched))

    async def _repair(self, fetch: Fetch, fetched: Callable[[int], None]) -> None:
        try:
            while self.level is not None and self._again:
                self._again, known = False, self._known
                lines, head, more = await fetch(self.id, self.level)
                fetched(self.hand_out_fetched(lines, None if more else head))
                # What PostgreSQL does not know of is no gap, whoever said so.
                if more or self._known > max(known, head):
                    self._again = True
        except Exception as error:
            # The tick sees that it is behind.
            log.warning("gap_unfetched", error=type(error).__name__)
        finally:
            self._repairing = None

    def _give(self, line: NewLine) -> None:
        seq, staff_only, text = line
        self.level = seq
        made: dict[int, bytes] = {}
        for watch in self.live:
            if seq <= watch.upto or (staff_only and not watch.staff):
                continue
            frame = made.get(watch.last)
            if frame is None:
                frame = made[watch.last] = entry_told(self.wire_id, watch.last, text)
            watch.last = seq
            watch.reader.put(frame)
        for watch in self.joining:
            if watch.pending is not None:
                if len(watch.pending) < _PENDING_MOST:
                    watch.pending.append(line)
                else:
                    watch.overflown = True
