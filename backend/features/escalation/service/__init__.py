"""The door of escalation: chains that call people while a promise is in danger."""

from backend.features.escalation.service.dangers import Danger
from backend.features.escalation.service.ending import end
from backend.features.escalation.service.starting import start

__all__ = ["Danger", "end", "start"]
