"""The link in an SMS or e-mail at which one tap answers what it tells of, by whoever holds the phone it was sent to.

It holds the subject's id and a keyed digest that is bound to the kind, nothing else: nobody can make one up, and
whoever finds one learns nothing from it. It is short, for an SMS is. What a tap does, and how often, is its subject's
to say.
"""

import base64
import binascii
import hmac
from typing import Final
from uuid import UUID

from backend.core.sealing import Sealer

_DIGEST: Final = 9
"""Bytes of the digest. With the sixteen of an id: 34 characters, of the 35 that a gateway allows a placeholder."""


def tap_for(sealer: Sealer, kind: str, subject_id: UUID) -> str:
    """What stands for "answer this subject" at the end of an address."""
    return base64.urlsafe_b64encode(subject_id.bytes + _digest(sealer, kind, subject_id)).decode().rstrip("=")


def read_tap(sealer: Sealer, kind: str, token: str) -> UUID | None:
    """The subject; None: we never made it, or for another kind."""
    try:
        told = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        subject_id = UUID(bytes=told[:16])
    except (binascii.Error, ValueError):
        return None
    # The last character has bits to spare: each subject has one spelling.
    return subject_id if hmac.compare_digest(tap_for(sealer, kind, subject_id), token) else None


def _digest(sealer: Sealer, kind: str, subject_id: UUID) -> bytes:
    return sealer.digest(f"{kind} {subject_id}", purpose="tap")[:_DIGEST]
