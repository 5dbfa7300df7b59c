"""The link in an e-mail at which one POST switches its kind off (RFC 8058): sealed, so nobody can make one up."""

import base64
import binascii
from typing import Final
from uuid import UUID

from backend.core.sealing import SealBroken, Sealer

PATH: Final = "/v1/unsubscribe/"
_PURPOSE: Final = "unsubscribe"


def token_for(sealer: Sealer, account_id: UUID, kind: str) -> str:
    """What stands for "this account wants no more of this kind" in an address."""
    sealed = sealer.seal(f"{account_id} {kind}", purpose=_PURPOSE)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read_token(sealer: Sealer, token: str) -> tuple[UUID, str] | None:
    """The account and kind; None: we never made it."""
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        account_id, _, kind = sealer.open(sealed, purpose=_PURPOSE).partition(" ")
        return UUID(account_id), kind
    except (SealBroken, binascii.Error, ValueError, IndexError):
        return None
