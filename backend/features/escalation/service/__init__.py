"""The door of escalation: chains that call people while a promise is in danger."""

from backend.features.escalation.metrics import CALLING
from backend.features.escalation.rules import EndedWhy
from backend.features.escalation.service.calls import call_shown
from backend.features.escalation.service.dangers import Danger
from backend.features.escalation.service.ending import bar, end
from backend.features.escalation.service.promises import Promises, in_danger_since, look
from backend.features.escalation.service.recounting import Recounted
from backend.features.escalation.service.ringing import BUNDLE, ring, ring_soon
from backend.features.escalation.service.starting import STEP, start
from backend.features.escalation.service.stepping import Made, Paged, take_turns

__all__ = [
    "BUNDLE",
    "CALLING",
    "STEP",
    "Danger",
    "EndedWhy",
    "Made",
    "Paged",
    "Promises",
    "Recounted",
    "bar",
    "call_shown",
    "end",
    "in_danger_since",
    "look",
    "ring",
    "ring_soon",
    "start",
    "take_turns",
]
