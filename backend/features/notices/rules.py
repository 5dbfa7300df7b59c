"""What is decided about sending, pure."""

from datetime import timedelta
from typing import Final

STALE_AFTER: Final = timedelta(days=60)
"""A device on which the app was not started for so long is not pushed to (design: token hygiene)."""

ANNOUNCED_AT_ONCE: Final = 200
"""Whose sockets are poked by one telling; more people find it when they next look."""
