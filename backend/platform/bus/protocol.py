"""How nodes tell one another that something is new. Nothing here is anybody's truth: a message may be lost.

Topics: `thread:<id>`, `account:<id>`, `queue:<project id>`, `place:<conversation id>`,
`inboxes` (many people were told something at once).
"""

import asyncio
from collections.abc import Callable, Collection
from typing import Protocol

Heard = Callable[[str, bytes | None], None]
"""Called with each message of a subscribed topic; an empty payload is a poke. `("", None)`: some may be missed."""


class Bus(Protocol):
    """What every backend does."""

    def on_heard(self, handler: Heard) -> None:
        """Call `handler` with all that comes. Registered before the first `subscribe`."""

    async def subscribe(self, topic: str) -> None:
        """Hear this topic; returns when what is published from now on will come, or at once while the bus is away."""

    async def unsubscribe(self, topic: str) -> None:
        """Hear it no longer. A message that is under way may still come."""

    def publish(self, topic: str, payload: bytes) -> None:
        """Say it to the other nodes. Never waits, and drops what it says while the bus is away."""

    def poke(self, topics: Collection[str]) -> None:
        """Say that something has changed about each of these, to every node; this one hears it even without the bus."""

    async def aclose(self) -> None:
        """Let out what was published, for a moment, and close."""


class InProcessBus:
    """For one process alone, and a base for those that reach others: its own pokes come back a moment later."""

    def __init__(self) -> None:
        self._handlers: list[Heard] = []
        self._topics: set[str] = set()

    def on_heard(self, handler: Heard) -> None:
        self._handlers.append(handler)

    async def subscribe(self, topic: str) -> None:
        self._topics.add(topic)

    async def unsubscribe(self, topic: str) -> None:
        self._topics.discard(topic)

    def publish(self, topic: str, payload: bytes) -> None:
        """There is nobody else."""

    def poke(self, topics: Collection[str]) -> None:
        for topic in topics:
            if topic in self._topics:
                asyncio.get_running_loop().call_soon(self._hear, topic, b"")
            self.publish(topic, b"")

    async def aclose(self) -> None:
        self._topics.clear()

    def _hear(self, topic: str, payload: bytes | None) -> None:
        for handler in self._handlers:
            handler(topic, payload)
