"""Weak entity tags, for who works them out without a request: a worker loads nothing of the web for them."""

import hashlib
from typing import Any


def digest_tag(content: bytes) -> str:
    """The weak entity tag of what `content` says."""
    return f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def told_tag(*told: Any) -> str:
    """The weak entity tag of an answer by the plain values that change with it."""
    return digest_tag(repr(told).encode())
