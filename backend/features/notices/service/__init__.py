"""The door of notices: telling people."""

from backend.features.notices.service.sms import SmsSender
from backend.features.notices.service.telling import About, Selected, Telling, Value, tell, tell_selected

__all__ = ["About", "Selected", "SmsSender", "Telling", "Value", "tell", "tell_selected"]
