"""Waking the workers through arq. A wake-up carries nothing and may be lost: the sweep finds the work all the same."""

import asyncio
import time
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from arq.connections import ArqRedis, RedisSettings, create_pool

from backend.core.logging import log

DRAIN = "drain_outbox"

# While Valkey is away every commit would otherwise wait for a connection that fails.
_REST_SECONDS = 5.0


def arq_settings(valkey_url: str) -> RedisSettings:
    """arq's connection settings for our URL, with short patience: a wake-up is not worth waiting for."""
    settings = RedisSettings.from_dsn(valkey_url)
    if settings.unix_socket_path:
        # arq takes the path as it stands in the URL; a folder may have a space in its name.
        settings.unix_socket_path = unquote(settings.unix_socket_path)
    settings.conn_timeout = 2
    settings.conn_retries = 0
    return settings


class Waker:
    """Tells the workers that something waits for them: in the outbox, or in another table that they drain."""

    def __init__(self, valkey_url: str) -> None:
        self._settings = arq_settings(valkey_url)
        self._pool: ArqRedis | None = None
        self._opening = asyncio.Lock()
        self._rests_until = 0.0

    async def wake(self) -> None:
        """Have the outbox drained now; quietly give up when Valkey is away."""
        await self._send(DRAIN)

    async def wake_in(self, after: timedelta, drain: str) -> None:
        """Have a worker run `drain` after a while, or now. Those for the same tenth of a second are one.

        By the clocks of this machine and of the worker's, so it may come early or late: for promptness only.
        """
        after = max(after, timedelta(0))
        moment = round((time.time() + after.total_seconds()) * 10)
        await self._send(drain, _job_id=f"{drain}:{moment}", _defer_by=after or None)

    async def _send(self, drain: str, **arq_options: Any) -> None:
        if time.monotonic() < self._rests_until:
            return
        try:
            async with asyncio.timeout(2):
                async with self._opening:
                    if self._pool is None:
                        self._pool = await create_pool(self._settings)
                await self._pool.enqueue_job(drain, **arq_options)
        except Exception as error:
            # Any failure means the same: the sweep will find the row a moment later.
            self._rests_until = time.monotonic() + _REST_SECONDS
            log.warning("wake_up_failed", error=str(error))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            await self._pool.aclose()
