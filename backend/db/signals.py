"""Signals between processes through PostgreSQL's LISTEN and NOTIFY.

A signal is sent inside a transaction and arrives only if it commits. A listener that lost its line may have missed
some, so every handler is also called with None ("you may have missed something") whenever the line is cut and again
when it is back; `connected` says whether the line stands at this moment.
"""

import asyncio
from collections.abc import Callable

import asyncpg
from sqlalchemy import text

from backend.core.logging import log
from backend.db.url import asyncpg_arguments
from backend.db.work import Work

Handler = Callable[[str | None], None]


class Signals:
    """One listening connection of a process. Handlers are registered before `run` starts."""

    def __init__(self, database_url: str) -> None:
        self._arguments = asyncpg_arguments(database_url)
        self._handlers: dict[str, list[Handler]] = {}
        self.connected = False

    def on(self, channel: str, handler: Handler) -> None:
        """Call `handler` with the payload of each signal on `channel`."""
        self._handlers.setdefault(channel, []).append(handler)

    async def send(self, work: Work, channel: str, payload: str) -> None:
        """Tell every process once this transaction commits; this one hears before the commit returns."""
        await work.execute(
            text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload}
        )

        async def hear() -> None:
            for handler in self._handlers.get(channel, []):
                handler(payload)

        work.after_commit(hear)

    async def run(self) -> None:
        """Listen until cancelled, coming back with growing pauses after a cut line."""
        pause = 0.1
        while True:
            try:
                connection = await asyncpg.connect(**self._arguments, timeout=10)
            except (OSError, TimeoutError, asyncpg.PostgresError) as error:
                log.warning("signals_unreachable", error=str(error), again_in=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5)
                continue
            closed = asyncio.Event()
            connection.add_termination_listener(_setting(closed))
            try:
                for channel, handlers in self._handlers.items():
                    for handler in handlers:
                        await connection.add_listener(channel, self._receive(handler))
                self.connected = True
                pause = 0.1
                self._missed()
                await closed.wait()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("signals_cut", error=str(error))
            finally:
                self.connected = False
                self._missed()
                connection.terminate()

    @staticmethod
    def _receive(handler: Handler) -> Callable[..., None]:
        return lambda _connection, _pid, _channel, payload: handler(payload)

    def _missed(self) -> None:
        for handlers in self._handlers.values():
            for handler in handlers:
                handler(None)


def _setting(event: asyncio.Event) -> Callable[[object], None]:
    return lambda _connection: event.set()
