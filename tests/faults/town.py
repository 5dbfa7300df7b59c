"""A whole installation to do harm to: see test_chat_killed."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import httpx

from backend.platform.embedded import Servers
from tests.fixtures.forks import Child
from tests.fixtures.live import free_port
from tests.flows.waiting import until

KILLED: Final = ("api 0", "api 1", "worker", "valkey", "postgres")

Span = tuple[float, float]


class Town:
    """Two APIs, a worker, and the servers of the test's own; each can be killed and comes back where it was."""

    def __init__(self, spawn: Callable[..., Child], own: Servers) -> None:
        self._spawn = spawn
        self._own = own
        self._ports = {"api 0": free_port(), "api 1": free_port()}
        self._running: dict[str, Child] = {}
        self.killed: Counter[str] = Counter()

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self._ports.values()]

    @property
    def addresses(self) -> list[str]:
        return [url.replace("http", "ws") + "/v1/socket" for url in self.urls]

    async def start(self, what: str) -> None:
        if what == "valkey":
            await asyncio.to_thread(self._own.valkey.start)
        elif what == "postgres":
            await asyncio.to_thread(self._own.postgres.start)
        elif what == "worker":
            self._running[what] = self._spawn("worker")
        else:
            port = self._ports[what]
            self._running[what] = self._spawn("api", "--host", "127.0.0.1", "--port", str(port))

            async def answers() -> bool | None:
                async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                    try:
                        return (await client.get("/healthz")).status_code == 200 or None
                    except httpx.TransportError:
                        return None

            await until(answers, seconds=30)

    async def kill(self, what: str) -> None:
        """kill -9."""
        self.killed[what] += 1
        if what in self._running:
            self._running[what].kill()
            await asyncio.to_thread(self._running[what].wait)
        else:
            server = self._own.valkey if what == "valkey" else self._own.postgres
            os.kill(server.pid, signal.SIGKILL)

            async def has_ended() -> int | None:
                return server.poll()

            await until(has_ended)

    async def kill_in_turn(self, chance: random.Random, seconds: float, *, down: Span, between: Span) -> None:
        """Each once, in an order that is drawn, and on until the time is over.

        `down`: how long one is away; `between`: how long until the next is killed. In seconds, drawn from the span.
        """
        end = time.monotonic() + seconds
        while True:
            for what in chance.sample(KILLED, len(KILLED)):
                await asyncio.sleep(chance.uniform(*between))
                await self.kill(what)
                await asyncio.sleep(chance.uniform(*down))
                await self.start(what)
                if self.killed.total() >= len(KILLED) and time.monotonic() > end:
                    return
