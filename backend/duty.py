"""Nobody is on duty for a conversation: who deals with that. One handler for the API and the worker."""

from backend.features.chat.service import NobodyOnDuty, tell_along_the_chain


def nobody_on_duty() -> NobodyOnDuty:
    """Whoever holds the duty along the hotline's chain is told (CT-39)."""
    return tell_along_the_chain
