"""The protocols channels speak."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from push.message import Fate, Message, Outcome


class Channel(Protocol):
    """One way to reach people."""

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Hand messages to the provider. One outcome each, in their order; never raises for what a provider says."""

    async def aclose(self) -> None:
        """Let go of connections."""


class SmsChannel(Channel, Protocol):
    """A channel whose messages must not go out twice, and can be asked after instead."""

    @property
    def settles(self) -> float:
        """Seconds after an attempt from which on its absence at the gateway means that it was not taken."""

    async def fate(self, reference: str, address: str, day: date) -> Fate:
        """What became of the message of this reference to this address, sent on `day` (of the gateway's own calendar,
        China's). Never raises for what a gateway says.
        """
