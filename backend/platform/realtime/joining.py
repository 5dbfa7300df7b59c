"""Watching a thread: the past from PostgreSQL behind the client's cursor, then the live stream, without a seam.

The node follows the thread first, then the past is read page by page; what comes meanwhile waits. When a page is the
last one, its snapshot says how far the reader is: what waited and lies behind that is sent, and the reader is live,
all without an await in between.
"""

import asyncio
import random
from uuid import UUID

import asyncpg

from backend.core.errors import NotFound, Refusal, Unavailable
from backend.core.logging import log
from backend.platform.realtime.frames import LAST_SEQ, Gone, Watching, entry_told
from backend.platform.realtime.hub import Hub
from backend.platform.realtime.presence import Presences
from backend.platform.realtime.saying import refuse
from backend.platform.realtime.socket import Socket, right_on
from backend.platform.realtime.watched import Watch
from backend.platform.threads import Lines, NoSuchThread

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 3.0


class Joining:
    """Puts watchers on threads, and takes them off again."""

    def __init__(self, hub: Hub, presences: Presences) -> None:
        self._hub, self._presences = hub, presences

    def watch(self, socket: Socket, thread_id: UUID, after: int | None) -> None:
        """Begin to watch, or begin anew from another cursor."""
        if (earlier := socket.watches.get(thread_id)) is not None:
            self._take_off(earlier)
        watch = socket.watches[thread_id] = Watch(socket, self._hub.thread(thread_id))
        self._begin(socket, watch, after, known=False)

    def unwatch(self, socket: Socket, thread_id: UUID) -> None:
        """Watch it no longer, if it is watched."""
        watch = socket.watches.pop(thread_id, None)
        if watch is not None:
            self._take_off(watch)
            self._presences.changed(watch.thread, socket.caller)

    def ask_again(self, socket: Socket) -> None:
        """Rights may have ended: nothing more is sent on any thread until its subject has been asked anew."""
        socket.forget_rights()
        for watch in socket.watches.values():
            unknown = watch.joining is not None and watch.last < 0
            self._take_off(watch)
            self._begin(socket, watch, None if unknown else watch.last, known=not unknown)

    def _take_off(self, watch: Watch) -> None:
        watch.thread.leave(watch)
        if watch.joining is not None:
            watch.joining.cancel()
            watch.joining = None

    def _begin(self, socket: Socket, watch: Watch, after: int | None, *, known: bool) -> None:
        watch.last = -1 if after is None else after
        # In the set from now on, so that the thread is not forgotten before the task has begun.
        watch.thread.joining.add(watch)
        watch.joining = asyncio.create_task(self._join(socket, watch, known=known))

    async def _join(self, socket: Socket, watch: Watch, *, known: bool) -> None:
        """`known`: the client has been told that it watches; it is told again only when it does no longer."""
        thread = watch.thread
        pause = _FIRST_PAUSE
        try:
            while True:
                try:
                    await self._hub.watch(watch)
                    await self._bring_level(socket, watch)
                    break
                except (Unavailable, OSError, asyncpg.PostgresError):
                    # The database is away. The client has asked once, and need not ask again.
                    await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311  # no secret
                    pause = min(pause * 2, _LONGEST_PAUSE)
        except (NotFound, NoSuchThread):
            self._refuse(socket, watch, NotFound(), known=known)
        except Exception:
            log.exception("watch_failed")
            self._refuse(socket, watch, Unavailable("try_again"), known=known)
        else:
            watch.joining = None
            if not known:
                socket.say(Watching(thread.id, watch.last))
                self._presences.joined(watch)

    def _refuse(self, socket: Socket, watch: Watch, refusal: Refusal, *, known: bool) -> None:
        watch.joining = None
        watch.thread.leave(watch)
        socket.watches.pop(watch.thread.id, None)
        if known:
            socket.say(Gone("rights_ended", thread=watch.thread.id))
            self._presences.changed(watch.thread, socket.caller)
        else:
            refuse(socket, refusal, of="watch", thread=watch.thread.id)

    async def _bring_level(self, socket: Socket, watch: Watch) -> None:
        hub, thread = self._hub, watch.thread
        async with hub.reading:
            right = await right_on(hub.subjects.answer, hub.sights, socket, thread.id, subject=thread.subject)
        thread.subject, watch.staff = right.subject, right.staff
        if watch.last == watch.begun and not watch.overflown:
            # It has missed nothing: what came since waits, and what is missing here is missing to all, and repaired.
            thread.join(watch, watch.last)
            return
        while True:
            if not socket.keeps_up:
                await socket.drained()
            page = await self._page(watch)
            for seq, line in page.lines:
                socket.put(entry_told(thread.wire_id, watch.last, line))
                watch.last = seq
            if watch.overflown:
                watch.overflown, watch.pending = False, []
                continue
            if page.more:
                continue
            shown = page.head if watch.staff else page.open_head
            if watch.last < 0 or watch.last > shown:
                # From now on; or a cursor from elsewhere, which the client sees by `watching`.
                watch.last = shown
            hub.is_at(thread, page.head)
            thread.join(watch, page.head)
            return

    async def _page(self, watch: Watch) -> Lines:
        after = LAST_SEQ if watch.last < 0 else watch.last
        page = await self._hub.pages.answer((watch.thread.id, "staff" if watch.staff else "all", after))
        if page is None:
            raise NoSuchThread
        return page
