"""The protocol every channel speaks."""

from collections.abc import Sequence
from typing import Protocol

from push.message import Message, Outcome


class Channel(Protocol):
    """One way to reach people."""

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Hand messages to the provider. One outcome each, in their order; never raises for what a provider says."""

    async def aclose(self) -> None:
        """Let go of connections."""
