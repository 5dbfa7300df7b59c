"""What each move does to a case, beside its state, its line and the clocks that it ends."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from backend.features.hotline.service.acting import Acting
from backend.features.hotline.service.moves import dispatching, pausing, speaking

Effect = Callable[[Acting, Any], Awaitable[dict[str, Any]]]
"""Does it, and gives what its line says."""

EFFECTS: Final[dict[str, Effect]] = {
    "classify": dispatching.classify,
    "dispatch": dispatching.dispatch,
    "take": dispatching.take,
    "contact": speaking.contact,
    "note_positions": speaking.note_positions,
    "pause": pausing.pause,
    "resume": pausing.resume,
}
"""By code."""
