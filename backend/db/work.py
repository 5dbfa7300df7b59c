"""The unit of work: one session, one transaction, one commit, and what is to happen right after it."""

from collections.abc import AsyncIterator, Awaitable, Callable
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

    async def commit(self) -> None:
        await super().commit()
        for act in self.info.pop("after_commit", []):
            try:
                await act()
            except Exception:
                log.warning("after_commit_failed", exc_info=True)


class Works:
    """Opens units of work on one engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        """One unit of work: commits when the block ends well, rolls back when it does not."""
        async with Work(self.engine, expire_on_commit=False) as work:
            yield work
            await work.commit()
