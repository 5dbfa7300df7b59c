"""Nobody is on duty for a conversation: who deals with that. One handler for the API and the worker."""

from backend.features.chat.service import AlongTheChain, NobodyOnDuty
from backend.platform.process import Process


def nobody_on_duty(process: Process) -> NobodyOnDuty:
    """Whoever holds the duty along the hotline's chain is told, and called when nobody takes it (CT-39)."""
    return AlongTheChain(process.waker)
