"""The door of notices: telling people, and what every process starts of it. What sends is `service.sending`."""

from backend.features.notices.metrics import SENDING
from backend.features.notices.service.absent import Absent, Addressees
from backend.features.notices.service.live import Inboxes
from backend.features.notices.service.notifier import Notifier
from backend.features.notices.service.operating import (
    channels,
    deliveries_page,
    drop_delivery,
    resend_delivery,
)
from backend.features.notices.service.reaching import channels_of, reached_by
from backend.features.notices.service.telling import (
    About,
    Selected,
    Telling,
    Value,
    tell,
    tell_many,
    tell_selected,
    withdraw,
)
from backend.features.notices.tapping import read_tap, tap_for
from backend.features.notices.templates import TemplatesBroken
from backend.features.notices.templates import require_sound as require_sound_templates

__all__ = [
    "SENDING",
    "About",
    "Absent",
    "Addressees",
    "Inboxes",
    "Notifier",
    "Selected",
    "Telling",
    "TemplatesBroken",
    "Value",
    "channels",
    "channels_of",
    "deliveries_page",
    "drop_delivery",
    "reached_by",
    "read_tap",
    "require_sound_templates",
    "resend_delivery",
    "tap_for",
    "tell",
    "tell_many",
    "tell_selected",
    "withdraw",
]
