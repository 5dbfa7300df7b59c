"""The same answer to a repeated request: for writes that a phone sends again because it never saw the first answer."""

from backend.platform.idempotency.service import (
    Asked,
    Kept,
    checked_key,
    earlier_answer,
    forget_old,
    keep_answer,
)

__all__ = ["Asked", "Kept", "checked_key", "earlier_answer", "forget_old", "keep_answer"]
