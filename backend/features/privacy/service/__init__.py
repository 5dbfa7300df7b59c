"""The door of privacy: values in clear with who looked, and what people consent to."""

from backend.features.privacy.service.calling import reveal_number
from backend.features.privacy.service.consenting import (
    CONSENT_WITHDRAWN,
    Consent,
    consents_of,
    consents_of_resident,
    say_consent,
    without_consent,
)
from backend.features.privacy.service.revealing import Look, Revealed, looks_at, reveal

__all__ = [
    "CONSENT_WITHDRAWN",
    "Consent",
    "Look",
    "Revealed",
    "consents_of",
    "consents_of_resident",
    "looks_at",
    "reveal",
    "reveal_number",
    "say_consent",
    "without_consent",
]
