"""Signing a socket in: its token, and the threads that concern its account."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Refusal
from backend.core.logging import log
from backend.platform.realtime.frames import Ready, Standing, told
from backend.platform.realtime.hub import Hub
from backend.platform.realtime.inboxes import Notifying
from backend.platform.realtime.socket import Socket
from backend.platform.threads import Audience, my_standings, spelled

THREADS_MOST: Final = 200
_AGAIN_SECONDS: Final = 0.5

Authenticate = Callable[[str], Awaitable[Caller | None]]


class Signing:
    """Who is at a socket, and what concerns them. An account hears of what is new for it by its topic."""

    def __init__(self, hub: Hub, authenticate: Authenticate, notifying: Notifying) -> None:
        self._hub, self.authenticate, self._notifying = hub, authenticate, notifying
        self._telling: set[UUID] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def enter(self, socket: Socket) -> None:
        """Count the socket as its account's, from now on."""
        account_id = socket.caller.account_id
        if self._hub.enter(socket):
            await self._hub.follow(f"account:{account_id}", lambda _payload: self._heard(socket.caller))
        await self._notifying.enter()

    async def leave(self, socket: Socket) -> None:
        """It is gone."""
        if self._hub.leave(socket):
            self._notifying.leave(socket.caller.account_id)
            await self._hub.unfollow(f"account:{socket.caller.account_id}")

    async def ready(self, caller: Caller) -> Ready:
        """What a client is told first.

        Raises:
            Unavailable: the database is away.
        """
        hub, now = self._hub, self._hub.process.clock.now()
        sees: Audience = "staff" if caller.kind == "staff" else "all"
        mine = [sight.mine(caller, now) for sight in hub.sights.values()]
        async with hub.reading:
            found = await my_standings(hub.direct, mine, caller.account_id, sees, THREADS_MOST)
        return Ready(caller.account_id, spelled(now), [Standing(*one) for one in found])

    def used(self, socket: Socket) -> None:
        """Its session is in use. One that has ended meanwhile is noticed."""

        async def note() -> None:
            try:
                if await self.authenticate(socket.token) is None:
                    socket.close(4001)
            except Refusal:
                pass  # The database is away; the tick looks again.

        self._run(note())

    def _heard(self, caller: Caller) -> None:
        """Something is new for an account: a notice, or a thread that concerns it."""
        self._notifying.stir([caller.account_id])
        if caller.account_id not in self._telling:
            self._telling.add(caller.account_id)
            self._run(self._tell_again(caller))

    async def _tell_again(self, caller: Caller) -> None:
        await asyncio.sleep(_AGAIN_SECONDS)
        self._telling.discard(caller.account_id)
        try:
            ready = await self.ready(caller)
        except Exception as error:
            log.warning("ready_untold", error=type(error).__name__)
            return
        self._say(caller, told(ready))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _say(self, caller: Caller, frame: bytes) -> None:
        for socket in self._hub.by_account.get(caller.account_id, ()):
            socket.put(frame)
