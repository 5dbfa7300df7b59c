"""Who is connected to this node and watches what; and what comes in from the writer, the bus and PostgreSQL."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from backend.core.logging import log
from backend.db.gathering import Gathering
from backend.platform.process import Process
from backend.platform.realtime.counting import COUNTS
from backend.platform.realtime.messages import MESSAGE, Message, NewLine, packed
from backend.platform.realtime.messages import Lines as NewLines
from backend.platform.realtime.socket import Socket
from backend.platform.realtime.watched import Watch, Watched
from backend.platform.threads import (
    Audience,
    Committed,
    Lines,
    Sight,
    Subject,
    as_json,
    lines_after,
    lines_after_many,
    subjects_of,
)

_FETCHED_AT_ONCE: Final = 100
"""Few enough that a reader who keeps up takes them all before its queue is full."""


PAGE: Final = 200
"""Lines of the past that a reader is given at a time."""

_ASKED_AT_ONCE, _READ_AT_ONCE = 500, 50


class _ForWhom(msgspec.Struct):
    audience: str


_AUDIENCE: Final = msgspec.json.Decoder(_ForWhom)

Other = Callable[[Watched, Message], None]
"""Takes what is said of a thread besides its lines."""


class Hub:
    """One a process. All of it runs in the loop, and nothing in it is anybody's truth."""

    def __init__(self, process: Process, sights: Mapping[str, Sight]) -> None:
        self.process, self.sights, self.bus, self.direct = process, sights, process.bus, process.direct
        self.sockets: set[Socket] = set()
        self.by_account: dict[UUID, set[Socket]] = {}
        self.by_session: dict[UUID, set[Socket]] = {}
        self.threads: dict[UUID, Watched] = {}
        # Of those that come back at once, half the lines to the database are kept free for everybody else.
        self.reading = asyncio.Semaphore(max(1, process.settings.direct_connections // 2))
        self.subjects: Gathering[UUID, Subject | None] = Gathering(
            partial(subjects_of, self.direct), together=_ASKED_AT_ONCE
        )
        self.pages: Gathering[tuple[UUID, Audience, int], Lines | None] = Gathering(
            partial(lines_after_many, self.direct, limit=PAGE), together=_READ_AT_ONCE
        )
        self.other: Other = lambda _thread, _message: None
        self.missed: Callable[[], None] = lambda: None
        self.stirred: Callable[[UUID], None] = lambda _thread: None
        self._topics: dict[str, Callable[[bytes], None]] = {}
        self.bus.on_heard(self._on_bus)

    def enter(self, socket: Socket) -> bool:
        """A socket has signed in. True: it is its account's first here."""
        caller = socket.caller
        COUNTS.sockets += 1
        self.sockets.add(socket)
        self.by_session.setdefault(caller.session_id, set()).add(socket)
        others = self.by_account.setdefault(caller.account_id, set())
        others.add(socket)
        return len(others) == 1

    def leave(self, socket: Socket) -> bool:
        """A socket is gone. True: it was its account's last here."""
        caller = socket.caller
        COUNTS.sockets -= 1
        self.sockets.discard(socket)
        for index, key in ((self.by_session, caller.session_id), (self.by_account, caller.account_id)):
            index[key].discard(socket)
            if not index[key]:
                del index[key]
        return caller.account_id not in self.by_account

    async def follow(self, topic: str, heard: Callable[[bytes], None]) -> None:
        """Have `heard` called with what is said about a topic."""
        self._topics[topic] = heard
        await self.bus.subscribe(topic)

    async def unfollow(self, topic: str) -> None:
        """Hear of it no longer."""
        if self._topics.pop(topic, None) is not None:
            await self.bus.unsubscribe(topic)

    async def watch(self, watch: Watch) -> None:
        """Make sure that what happens on the watch's thread from now on is heard here."""
        thread = watch.thread
        thread.joining.add(watch)
        watch.pending, watch.begun = [], thread.level
        if thread.subscribing is None:
            thread.subscribing = asyncio.ensure_future(self.follow(thread.topic, self._hearing(thread)))
        await asyncio.shield(thread.subscribing)

    def thread(self, thread_id: UUID) -> Watched:
        """The thread as this node knows it, from nothing when nobody here has watched it."""
        thread = self.threads.get(thread_id)
        if thread is None:
            thread = self.threads[thread_id] = Watched(thread_id)
            COUNTS.threads += 1
        return thread

    async def drop(self, thread: Watched) -> None:
        """Forget a thread that nobody here watches."""
        del self.threads[thread.id]
        COUNTS.threads -= 1
        await self.unfollow(thread.topic)

    def heard(self, lines: Sequence[Committed]) -> None:
        """Lines that this process has just committed: to the watchers here, and to the other nodes."""
        threads: dict[UUID, list[NewLine]] = {}
        for line in lines:
            new = (line.seq, line.audience == "staff", as_json(line))
            known = threads.get(line.thread_id)
            if known is None:
                threads[line.thread_id] = [new]
            else:
                known.append(new)
        for thread_id, news in threads.items():
            if not all(staff_only for _, staff_only, _ in news):
                self.stirred(thread_id)
            thread = self.threads.get(thread_id)
            if thread is None:
                self.bus.publish(f"thread:{thread_id}", packed(NewLines(news)))
                continue
            self.bus.publish(thread.topic, packed(NewLines(news)))
            self._hand_out(thread, news)

    def say(self, thread: Watched, message: Message) -> None:
        """Tell the other nodes something about a thread."""
        self.bus.publish(thread.topic, packed(message))

    def repair(self, thread: Watched) -> None:
        """Fetch what may be missing of a thread and hand it out."""
        thread.repair(self._fetch, _count_gap)

    def is_at(self, thread: Watched, head: int) -> None:
        """PostgreSQL says where the thread's head is; what is missing here is fetched."""
        thread.is_at(head)
        if thread.behind:
            self.repair(thread)

    def end_sessions(self, session_ids: Iterable[UUID]) -> None:
        """Close the sockets of sessions that have ended."""
        for session_id in session_ids:
            for socket in tuple(self.by_session.get(session_id, ())):
                socket.close(4001)

    def _hand_out(self, thread: Watched, lines: Sequence[NewLine]) -> None:
        thread.hand_out(lines)
        if thread.behind:
            self.repair(thread)

    def _on_bus(self, topic: str, payload: bytes | None) -> None:
        if payload is None:
            self.missed()
        elif heard := self._topics.get(topic):
            heard(payload)

    def _hearing(self, thread: Watched) -> Callable[[bytes], None]:
        def heard(payload: bytes) -> None:
            if not payload:
                self.repair(thread)
                return
            try:
                message = MESSAGE.decode(payload)
            except msgspec.DecodeError:
                log.warning("bus_message_unread", topic=thread.topic)
                return
            if isinstance(message, NewLines):
                self._hand_out(thread, message.lines)
            else:
                self.other(thread, message)

        return heard

    async def _fetch(self, thread_id: UUID, after: int) -> tuple[list[NewLine], int, bool]:
        page = await lines_after(self.direct, thread_id, "staff", after, _FETCHED_AT_ONCE)
        lines = [(seq, _AUDIENCE.decode(line).audience == "staff", line) for seq, line in page.lines]
        return lines, page.head, page.more


def _count_gap(lines: int) -> None:
    COUNTS.gaps += lines
