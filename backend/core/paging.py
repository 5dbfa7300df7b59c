"""Keyset paging: a cursor is the sort key of the last row a page held, made opaque.

A cursor holds no secret and gives no right; one that somebody edited is refused or leads elsewhere in the
caller's own list.
"""

import base64
import binascii
import json
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from backend.core.errors import Invalid

Key = TypeVar("Key", bound=tuple[Any, ...])


@lru_cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    """Building one takes a hundred times as long as using it."""
    return TypeAdapter(shape)


def encode_cursor(*key: Any) -> str:
    """The opaque cursor for a row whose sort key is `key` (strings, numbers, times, ids)."""
    packed = json.dumps(key, default=str, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(packed.encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, shape: type[Key]) -> Key | None:
    """The sort key in `cursor`, of the tuple type `shape`; None for no cursor.

    Raises:
        Invalid: `cursor_invalid`, when it is none of ours.
    """
    if cursor is None:
        return None
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key: Key = _adapter(shape).validate_json(packed)
        if any(isinstance(part, str) and "\0" in part for part in key):
            raise ValueError("NUL")
        return key
    except (binascii.Error, ValueError, ValidationError, RecursionError):
        raise Invalid("cursor_invalid", field="cursor") from None
