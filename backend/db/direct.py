"""asyncpg connections for hot reads, handed out first come, first served.

The stock asyncpg pool resets a connection on every release and is unfair when all are taken; these connections only
ever run single SELECT statements, so there is nothing to reset.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import asyncpg

from backend.core.errors import Unavailable
from backend.db.gathering import Gathering
from backend.db.url import asyncpg_arguments

# What a server restart or a cut line looks like from here: the read can simply be made again on a new connection.
_GONE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    # A line that is dying, before asyncpg knows it is closed.
    asyncpg.InternalClientError,
)

Rows = Sequence[asyncpg.Record]

_TOGETHER: Final = 16
_AT_ONCE: Final = 2


class Direct:
    """A fixed number of connections for single-statement reads. A read is retried once on a fresh connection.

    Closed, it refuses whoever still asks: nobody waits for a connection that will never come back.
    """

    def __init__(self, database_url: str, *, connections: int) -> None:
        self._arguments = asyncpg_arguments(database_url)
        self._free: asyncio.Queue[asyncpg.Connection | None] = asyncio.Queue()
        for _ in range(connections):
            self._free.put_nowait(None)
        self._size = connections
        self._closed = False
        self._gathering: dict[tuple[str, tuple[Any, ...]], Gathering[tuple[Any, ...], Rows]] = {}

    async def fetch(self, sql: str, *args: Any) -> Sequence[asyncpg.Record]:
        """All rows of one SELECT.

        Raises:
            Unavailable: `try_again`, while the database is away, and when this is closed.
        """
        connection = await self._free.get()
        try:
            if self._closed:
                raise Unavailable("try_again")
            if connection is None or connection.is_closed():
                connection = await self._connect()
            try:
                return await connection.fetch(sql, *args)
            except _GONE:
                connection.terminate()
                connection = None
                connection = await self._connect()
                return await connection.fetch(sql, *args)
        except _GONE:
            raise Unavailable("try_again") from None
        except asyncio.CancelledError:
            # A cancelled read leaves the line in the middle of an answer; a new one is cheaper than cleaning up.
            if connection is not None:
                connection.terminate()
                connection = None
            raise
        finally:
            self._free.put_nowait(connection)

    async def row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """The first row of one SELECT, if there is one."""
        rows = await self.fetch(sql, *args)
        return rows[0] if rows else None

    async def gathered(self, sql: str, asked: Sequence[Any], shared: tuple[Any, ...]) -> Rows:
        """This asker's rows of one SELECT that is made for all who ask it now (`db/gathering.py`).

        It takes what each of them `asked` as arrays, and then what they `shared`, which is hashable; the first column
        of its rows is the asker's place in the arrays, counted from 1.

        Raises:
            Unavailable: `try_again`, while the database is away.
        """
        key = (sql, shared)
        gathering = self._gathering.get(key)
        if gathering is None:
            ask = partial(self._fetch_for_each, sql, shared)
            gathering = self._gathering[key] = Gathering(ask, together=_TOGETHER, at_once=_AT_ONCE)
        try:
            return await gathering.answer(tuple(asked))
        finally:
            if gathering.idle and self._gathering.get(key) is gathering:
                del self._gathering[key]

    async def _fetch_for_each(
        self, sql: str, shared: tuple[Any, ...], askers: Sequence[tuple[Any, ...]]
    ) -> list[Rows]:
        found: list[list[asyncpg.Record]] = [[] for _ in askers]
        for row in await self.fetch(sql, *zip(*askers, strict=True), *shared):
            found[row[0] - 1].append(row)
        return list(found)

    async def aclose(self) -> None:
        """Close every connection, each as it comes back from its read. Closed again, nothing happens."""
        self._closed = True
        for _ in range(self._size):
            connection = await self._free.get()
            if connection is not None:
                connection.terminate()
        for _ in range(self._size):
            self._free.put_nowait(None)

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(
            **self._arguments,
            timeout=10,
            command_timeout=15,
            server_settings={
                "application_name": "tongxing-direct",
                "default_transaction_read_only": "on",
                # The same few statements again and again. PostgreSQL takes many asked together for few, finds a plan of
                # its own for each cheaper, and plans for ten times as long as it then reads.
                "plan_cache_mode": "force_generic_plan",
            },
        )
