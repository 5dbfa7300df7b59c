"""The door of the warranty's feature: what the others may call."""

from backend.features.warranty.service.auditing import notices_without_timer
from backend.features.warranty.service.covering import Cover, cover
from backend.features.warranty.service.following import (
    FOLLOW_HOMES,
    NOTICE,
    follow_homes,
    follow_ownerships,
)
from backend.features.warranty.service.telling import tell_households

__all__ = [
    "FOLLOW_HOMES",
    "NOTICE",
    "Cover",
    "cover",
    "follow_homes",
    "follow_ownerships",
    "notices_without_timer",
    "tell_households",
]
