"""How long to wait before another attempt."""

import zlib
from datetime import datetime
from email.utils import parsedate_to_datetime

from push.message import Message

LONGEST_TOLD = 86_400.0
_SPREAD = 0.25


def growing(message: Message, *, first: float = 5.0, longest: float = 900.0) -> float:
    """Seconds: `first`, doubled with every attempt before, at most `longest`; and up to a quarter more.

    The quarter comes of the reference, so that ten thousand messages that fail together do not return together.
    """
    seconds: float = min(first * 2.0 ** min(message.attempt, 30), longest)
    share = zlib.crc32(f"{message.reference}:{message.attempt}".encode()) / 2**32
    return seconds * (1 + _SPREAD * share)


def told(header: str | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header says (a number, or a date); None where it says nothing we can read."""
    if not header:
        return None
    if header.isascii() and header.strip().isdigit():
        return min(float(header), LONGEST_TOLD)
    try:
        until = parsedate_to_datetime(header)
        return min(max((until - now).total_seconds(), 0.0), LONGEST_TOLD)
    except (TypeError, ValueError):
        return None
