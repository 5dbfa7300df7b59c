"""Timers: the one way anything happens at a time."""

from backend.platform.timers.running import DueTimer, Handler, Timers
from backend.platform.timers.scheduling import DRAIN, NewTimer, cancel, keep, schedule, schedule_many

__all__ = [
    "DRAIN",
    "DueTimer",
    "Handler",
    "NewTimer",
    "Timers",
    "cancel",
    "keep",
    "schedule",
    "schedule_many",
]
