"""The limits on one-time codes, shared between nodes: counted in Valkey by the library `limits`.

While Valkey is away they are counted from the rows PostgreSQL keeps anyway, so they hold all the same.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import Redis

from backend.core.errors import TooMany
from backend.core.logging import log
from backend.db.work import Work
from backend.features.people.repository import codes
from backend.features.people.rules import CODES_PER_ADDRESS, CODES_PER_PHONE, TRIES_PER_ADDRESS, Allowance

Counted = Callable[[datetime], Awaitable[int]]

# While Valkey is away, do not let every request find that out by itself.
_REST_SECONDS = 2.0


class CodeLimits:
    """Counts requests for codes and tries of codes."""

    def __init__(self, valkey: Redis) -> None:
        storage = RedisStorage(
            "async+redis://",  # Only names the kind of storage: the connections are the process's own.
            wrap_exceptions=True,
            implementation="redispy",
            connection_pool=valkey.connection_pool,  # type: ignore[arg-type]  # passed on to redis-py as it is
        )
        self._limiter = MovingWindowRateLimiter(storage)
        self._rests_until = 0.0

    async def count_request(self, work: Work, phone: str, address: str, now: datetime) -> None:
        """Count a request for a code.

        Raises:
            TooMany: `codes_too_many`.
        """
        for allowance in CODES_PER_PHONE:
            await self._count(
                work, allowance, "code-phone", phone, "codes_too_many", now,
                lambda since: codes.codes_since(work, since, phone=phone),
            )  # fmt: skip
        for allowance in CODES_PER_ADDRESS:
            await self._count(
                work, allowance, "code-address", address, "codes_too_many", now,
                lambda since: codes.codes_since(work, since, address=address),
            )  # fmt: skip

    async def count_try(self, work: Work, address: str, now: datetime) -> None:
        """Count a try of a code from an address, whatever phone it is for.

        Raises:
            TooMany: `tries_too_many`.
        """
        await self._count(
            work, TRIES_PER_ADDRESS, "try-address", address, "tries_too_many", now,
            lambda since: codes.tries_since(work, since, address),
        )  # fmt: skip

    async def _count(
        self,
        work: Work,
        allowance: Allowance,
        what: str,
        who: str,
        code: str,
        now: datetime,
        counted: Counted,
    ) -> None:
        seconds = int(allowance.window / timedelta(seconds=1))
        limit = RateLimitItemPerSecond(allowance.count, seconds, namespace=what)
        if time.monotonic() >= self._rests_until:
            try:
                if await self._limiter.hit(limit, who):
                    return
                reset_time, _remaining = await self._limiter.get_window_stats(limit, who)
                raise TooMany(code, retry_after=max(1, round(reset_time - time.time())))
            except StorageError as error:
                self._rests_until = time.monotonic() + _REST_SECONDS
                log.warning("limits_from_database", error=type(error).__name__)
        await codes.lock_count(work, f"{what}:{who}")
        if await counted(now - allowance.window) >= allowance.count:
            raise TooMany(code, retry_after=seconds)
