"""Chat over HTTP."""

from backend.features.chat.routes.agents import agents
from backend.features.chat.routes.conversations import conversations
from backend.features.chat.routes.handling import handling

__all__ = ["agents", "conversations", "handling"]
