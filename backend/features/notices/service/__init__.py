"""The door of notices: telling people, and what the processes start of it."""

from backend.features.notices.sending.channels import ChannelMisset, Channels, open_channels
from backend.features.notices.sending.sender import Deliveries
from backend.features.notices.service.absent import Absent
from backend.features.notices.service.notifier import Notifier
from backend.features.notices.service.operating import (
    channels,
    deliveries_page,
    drop_delivery,
    resend_delivery,
)
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
from backend.features.notices.templates import TemplatesBroken
from backend.features.notices.templates import require_sound as require_sound_templates

__all__ = [
    "About",
    "Absent",
    "ChannelMisset",
    "Channels",
    "Deliveries",
    "Notifier",
    "Selected",
    "Telling",
    "TemplatesBroken",
    "Value",
    "channels",
    "deliveries_page",
    "drop_delivery",
    "open_channels",
    "require_sound_templates",
    "resend_delivery",
    "tell",
    "tell_many",
    "tell_selected",
    "withdraw",
]
