"""The bus over Valkey's pub/sub, one connection a node, and over several Valkeys side by side."""

import asyncio
import secrets
import zlib
from collections.abc import Collection, Sequence
from typing import Any, Final

from backend.platform.bus.protocol import Bus, Heard, InProcessBus
from backend.platform.bus.valkey_line import ValkeyLine

_NODE_BYTES: Final = 8
_OWED_MOST: Final = 10_000
_SUBSCRIBED_AT_ONCE: Final = 500


class ValkeyBus(InProcessBus):
    """Connects when it is first used. While Valkey is away what is published is dropped; once it is back, its topics
    are poked, since the others' lines may have stood all the while.

    It speaks and hears on two connections: what one says to itself on the same one costs Valkey 16 KiB a message, and
    two thousand at once would have it cut us off.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._hearing = ValkeyLine(url, push=self._pushed, up=self._hears_again)
        self._speaking = ValkeyLine(url, up=self._speaks_again)
        # In front of each message: who said it, so that one's own is dropped unread.
        self._node = secrets.token_bytes(_NODE_BYTES)
        self._confirming: dict[str, list[asyncio.Future[None]]] = {}
        self._owed: set[str] = set()

    async def subscribe(self, topic: str) -> None:
        self._hearing.start()
        await super().subscribe(topic)
        if not self._hearing.tell_topics("SUBSCRIBE", topic):
            return  # It is subscribed once the line is up, and then all is looked at.
        confirmed = asyncio.get_running_loop().create_future()
        self._confirming.setdefault(topic, []).append(confirmed)
        # A cut line confirms nothing: when it is up again everything is subscribed anew.
        await asyncio.wait([confirmed], timeout=2)

    async def unsubscribe(self, topic: str) -> None:
        await super().unsubscribe(topic)
        self._hearing.tell_topics("UNSUBSCRIBE", topic)

    def publish(self, topic: str, payload: bytes) -> None:
        if self._speaking.tell("PUBLISH", topic, self._node + payload):
            return
        self._speaking.start()
        if len(self._owed) < _OWED_MOST:
            self._owed.add(topic)

    async def aclose(self) -> None:
        await super().aclose()
        await self._speaking.aclose()
        await self._hearing.aclose()

    def _hears_again(self) -> None:
        topics = list(self._topics)
        for start in range(0, len(topics), _SUBSCRIBED_AT_ONCE):
            self._hearing.tell_topics("SUBSCRIBE", *topics[start : start + _SUBSCRIBED_AT_ONCE])
        if topics:
            self._hear("", None)

    def _speaks_again(self) -> None:
        owed, self._owed = self._owed, set()
        for topic in owed:
            self.publish(topic, b"")

    def _pushed(self, push: list[Any]) -> None:
        kind, channel = push[0], push[1]
        if kind == b"message":
            said: bytes = push[2]
            if not said.startswith(self._node):
                self._hear(channel.decode(), said[_NODE_BYTES:])
        elif kind == b"subscribe":
            for confirmed in self._confirming.pop(channel.decode(), ()):
                if not confirmed.done():
                    confirmed.set_result(None)


class ShardedBus:
    """Several Valkeys that know nothing of each other. Each topic is at one of them, on every node at the same."""

    def __init__(self, buses: Sequence[ValkeyBus]) -> None:
        self._buses = buses

    def _of(self, topic: str) -> ValkeyBus:
        return self._buses[zlib.crc32(topic.encode()) % len(self._buses)]

    def on_heard(self, handler: Heard) -> None:
        for bus in self._buses:
            bus.on_heard(handler)

    async def subscribe(self, topic: str) -> None:
        await self._of(topic).subscribe(topic)

    async def unsubscribe(self, topic: str) -> None:
        await self._of(topic).unsubscribe(topic)

    def publish(self, topic: str, payload: bytes) -> None:
        self._of(topic).publish(topic, payload)

    def poke(self, topics: Collection[str]) -> None:
        for topic in topics:
            self._of(topic).poke((topic,))

    async def aclose(self) -> None:
        for bus in self._buses:
            await bus.aclose()


def make_bus(urls: Sequence[str]) -> Bus:
    """The bus over these Valkeys: one, several side by side, or none, which is for a process alone."""
    buses = [ValkeyBus(url) for url in urls if url]
    if len(buses) == 1:
        return buses[0]
    return ShardedBus(buses) if buses else InProcessBus()
