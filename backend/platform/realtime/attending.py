"""Which employees are there: with a socket here whose app is in the foreground."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final
from uuid import UUID

from backend.core.logging import log
from backend.platform.realtime.hub import Hub

_EVERY_SECONDS: Final = 20.0
_AT_MOST_EVERY_SECONDS: Final = 1.0

Attended = Callable[[Collection[UUID]], Awaitable[None]]
"""Told of them every 20 seconds, and soon after one has come."""


class Attending:
    """Tells whoever wants to know. Those who come within a second are told of together."""

    def __init__(self, hub: Hub, attended: Attended) -> None:
        self._hub, self._attended = hub, attended
        self._came = asyncio.Event()

    def came(self) -> None:
        """An employee has come, or come back."""
        self._came.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            self._came.clear()
            accounts = {
                account
                for account, sockets in self._hub.by_account.items()
                if any(one.employee and not one.away for one in sockets)
            }
            try:
                if accounts:
                    await self._attended(accounts)
            except Exception as error:
                log.warning("attendance_untold", error=type(error).__name__)
            await asyncio.sleep(_AT_MOST_EVERY_SECONDS)
            try:
                async with asyncio.timeout(_EVERY_SECONDS):
                    await self._came.wait()
            except TimeoutError:
                pass
