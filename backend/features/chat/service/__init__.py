"""The door of chat: what the others may call."""

from backend.features.chat.repository.sweeping import is_swept, wrong_loads
from backend.features.chat.service.agents import Attended, Said, agent_stands, agents_page, say_state
from backend.features.chat.service.context import Context, context_of
from backend.features.chat.service.duty import AlongTheChain, NobodyOnDuty, Told, Unserved
from backend.features.chat.service.exporting import Form, export
from backend.features.chat.service.handling import Handling, To
from backend.features.chat.service.opening import Asked, open_conversation
from backend.features.chat.service.rating import rate
from backend.features.chat.service.reading import (
    Found,
    conversations_page,
    find_conversation,
    find_handled,
    place_of,
    queue_page,
)
from backend.features.chat.service.replies import replies_for
from backend.features.chat.service.rights import ANSWERING, SHARING, require_seen, to_handle
from backend.features.chat.service.stirring import Stirred, Writer, writers
from backend.features.chat.service.sweeping import SWEEP, sweep
from backend.features.chat.service.waking import WAKE, speak, wake

__all__ = [
    "ANSWERING",
    "SHARING",
    "SWEEP",
    "WAKE",
    "AlongTheChain",
    "Asked",
    "Attended",
    "Context",
    "Form",
    "Found",
    "Handling",
    "NobodyOnDuty",
    "Said",
    "Stirred",
    "To",
    "Told",
    "Unserved",
    "Writer",
    "agent_stands",
    "agents_page",
    "context_of",
    "conversations_page",
    "export",
    "find_conversation",
    "find_handled",
    "is_swept",
    "open_conversation",
    "place_of",
    "queue_page",
    "rate",
    "replies_for",
    "require_seen",
    "say_state",
    "speak",
    "sweep",
    "to_handle",
    "wake",
    "writers",
    "wrong_loads",
]
