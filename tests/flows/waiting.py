"""Waiting for something to come true, for a limited time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

_PAUSE_SECONDS = 0.05


async def until(find: Callable[[], Awaitable[Found | None]], seconds: float = 15.0) -> Found:
    """What `find` finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while (found := await find()) is None:
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(_PAUSE_SECONDS)
    return found
