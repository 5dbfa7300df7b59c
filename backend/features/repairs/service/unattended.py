"""The beat at which what waits for somebody is looked at: from the first such ticket on, it sets itself anew.

How often is ours: the method names no pause.
"""

from datetime import datetime, timedelta
from typing import Final

from backend.db.work import Work
from backend.platform.outbox import Waker
from backend.platform.timers import keep, schedule

LOOK: Final = "repairs_unattended"
"""The kind of timer; it has one key."""

_EVERY: Final = timedelta(minutes=5)
_KEY: Final = "repairs"


async def keep_looking(work: Work, now: datetime) -> None:
    """Have the beat run, if it does not already."""
    await keep(work, LOOK, _KEY, now + _EVERY)


async def look_again(work: Work, waker: Waker, now: datetime, due_at: datetime) -> None:
    """The next beat after one that was due at `due_at`; beats that were missed are not made up for."""
    missed = max((now - due_at) // _EVERY, 0)
    await schedule(work, waker, LOOK, _KEY, due_at + (missed + 1) * _EVERY, {})
