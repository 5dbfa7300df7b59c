"""The unit of work: one session, one transaction, one commit, and what is to happen right after it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.core.logging import log


class Work(AsyncSession):
    """An `AsyncSession` that can be told what to do once its transaction has committed.

    What stands in `after_commit` is for speed only (a wake-up, dropping a cache): whatever must happen goes through
    the outbox.
    """

    def after_commit(self, act: Callable[[], Awaitable[None]]) -> None:
        """Run `act` after the commit. Its failure is logged and changes nothing."""
        self.info.setdefault("after_commit", []).append(act)

    def announce(self, topic: str) -> None:
        """Poke every node that follows `topic` once this has committed. A poke carries nothing and may be lost."""
        self.info.setdefault("announced", {})[topic] = None

    async def commit(self) -> None:
        await super().commit()
        if announced := self.info.pop("announced", None):
            self.info["announcer"](announced.keys())
        for act in self.info.pop("after_commit", []):
            try:
                await act()
            except Exception:
                log.warning("after_commit_failed", exc_info=True)


def _unheard(topics: Collection[str]) -> None:
    pass


class Works:
    """Opens units of work on one engine. `announce` is told the topics of each after its commit, and never waits."""

    def __init__(self, engine: AsyncEngine, announce: Callable[[Collection[str]], None] = _unheard) -> None:
        self.engine, self._announce = engine, announce

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        """One unit of work: commits when the block ends well, rolls back when it does not."""
        async with Work(self.engine, expire_on_commit=False, info={"announcer": self._announce}) as work:
            yield work
            await work.commit()
