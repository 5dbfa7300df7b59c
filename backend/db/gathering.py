"""Hot reads that are asked together: who asks the same statement while it runs is answered by its next run.

A statement's own price, here and in the database, is several times that of one more row of its answer. Nobody waits for
company: the first to ask is answered at once, with all who ask in the same turn of the loop.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

Rows = Sequence[asyncpg.Record]
_Asker = tuple[Sequence[Any], "asyncio.Future[Rows]"]

_AT_ONCE: Final = 2
_TOGETHER: Final = 16


@dataclass(slots=True)
class _Asking:
    """Who waits for one statement, by what each asks; and the tasks that run it."""

    waiting: deque[_Asker] = field(default_factory=deque)
    running: set["asyncio.Task[None]"] = field(default_factory=set)


class Gathering:
    """Has `fetch` ask for many at once."""

    def __init__(self, fetch: Callable[..., Awaitable[Rows]]) -> None:
        self._fetch = fetch
        self._asking: dict[tuple[str, tuple[Any, ...]], _Asking] = {}

    async def rows(self, sql: str, asked: Sequence[Any], shared: tuple[Any, ...]) -> Rows:
        """This asker's rows. Raises what `fetch` raises."""
        asking = self._asking.get((sql, shared))
        if asking is None:
            asking = self._asking[sql, shared] = _Asking()
        answered: asyncio.Future[Rows] = asyncio.get_running_loop().create_future()
        asking.waiting.append((asked, answered))
        # The others are taken by the run that their first began, or by one under way.
        if len(asking.waiting) % _TOGETHER == 1 and len(asking.running) < _AT_ONCE:
            asking.running.add(asyncio.create_task(self._run(sql, shared, asking)))
        return await answered

    async def _run(self, sql: str, shared: tuple[Any, ...], asking: _Asking) -> None:
        waiting = asking.waiting
        try:
            while waiting:
                await self._answer(
                    sql, shared, [waiting.popleft() for _ in range(min(_TOGETHER, len(waiting)))]
                )
        finally:
            running = asyncio.current_task()
            assert running is not None
            asking.running.remove(running)
            if not asking.running and not waiting:
                del self._asking[sql, shared]

    async def _answer(self, sql: str, shared: tuple[Any, ...], taken: Sequence[_Asker]) -> None:
        found: list[list[asyncpg.Record]] = [[] for _ in taken]
        try:
            for row in await self._fetch(sql, *zip(*(asked for asked, _ in taken), strict=True), *shared):
                found[row[0] - 1].append(row)
        except Exception as error:
            for _, answered in taken:
                if not answered.done():
                    answered.set_exception(error)
        else:
            for (_, answered), rows in zip(taken, found, strict=True):
                if not answered.done():  # else its asker has gone meanwhile
                    answered.set_result(rows)
