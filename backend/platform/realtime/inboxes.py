"""The inbox live: every socket is told how its account's stands, without asking, whenever that has changed."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Final
from uuid import UUID

from backend.core.logging import log
from backend.platform.realtime.frames import Notice, told
from backend.platform.realtime.hub import Hub

EVERYBODY: Final = "inboxes"
"""The topic that is poked when too many people were told something to poke each of them."""

Inboxes = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Notice]]]
"""How the inboxes of these accounts stand, in one statement."""

_AT_ONCE: Final = 1000
_AT_MOST_EVERY_SECONDS: Final = 0.5


class Notifying:
    """Tells the sockets of this node."""

    def __init__(self, hub: Hub, inboxes: Inboxes) -> None:
        self._hub, self._inboxes = hub, inboxes
        self._told: dict[UUID, Notice] = {}
        self._stirred: set[UUID] = set()
        self._telling: asyncio.Task[None] | None = None
        self._following = False

    async def enter(self) -> None:
        """Somebody is at a socket here: hear of what many are told at once."""
        if not self._following:
            self._following = True
            await self._hub.follow(EVERYBODY, lambda _payload: self.missed())

    def leave(self, account_id: UUID) -> None:
        """An account has no socket here any more."""
        self._told.pop(account_id, None)

    def missed(self) -> None:
        """Something may be new for anybody."""
        self.stir(self._hub.by_account)

    def stir(self, accounts: Collection[UUID]) -> None:
        """Something may be new for these."""
        self._stirred.update(accounts)
        if self._telling is None and self._stirred:
            self._telling = asyncio.create_task(self._tell_all())

    async def _tell_all(self) -> None:
        try:
            while self._stirred:
                some = list(islice(self._stirred, _AT_ONCE))
                self._stirred.difference_update(some)
                await self._tell([one for one in some if one in self._hub.by_account])
                if not self._stirred:
                    # Whoever is told a lot hears of it as one.
                    await asyncio.sleep(_AT_MOST_EVERY_SECONDS)
        except Exception as error:
            # The database is away: the rows are there when the app asks, and the next poke tells it.
            log.warning("inboxes_untold", error=type(error).__name__)
        finally:
            self._telling = None

    async def _tell(self, accounts: Sequence[UUID]) -> None:
        if not accounts:
            return
        async with self._hub.reading:
            found = await self._inboxes(accounts)
        for account_id in accounts:
            stands = found.get(account_id, Notice(0, None))
            sockets = self._hub.by_account.get(account_id)
            if sockets is None or self._told.get(account_id) == stands:
                continue
            self._told[account_id] = stands
            frame = told(stands)
            for socket in tuple(sockets):
                socket.put(frame)
