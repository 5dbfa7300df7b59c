"""Reading, moving and following the shift."""

import asyncio
from datetime import timedelta

from sqlalchemy import text

from backend.core.clock import MovableClock
from backend.core.logging import log
from backend.db.signals import Signals
from backend.db.work import Work, Works

CHANNEL = "clock_shift"
# In which a shift is told, as a whole number.
_UNIT = timedelta(microseconds=1)


async def read_shift(work: Work) -> timedelta:
    """How far ahead of the database's clock the system stands; zero in production."""
    shift = await work.scalar(text("SELECT coalesce(max(shift), '0') FROM clock_shift"))
    return shift or timedelta(0)


async def advance(work: Work, signals: Signals, by: timedelta) -> timedelta:
    """Move the whole system forward by `by` and tell every process. Returns the new shift.

    Once this has committed, the clock of this process stands there, when it follows; the others' a moment later.
    Time never goes back: the caller refuses a negative `by`, and the table's check does too.
    """
    shift = await work.scalar(
        text(
            "INSERT INTO clock_shift (only_row, shift) VALUES (true, :by)"
            " ON CONFLICT (only_row) DO UPDATE SET shift = clock_shift.shift + excluded.shift RETURNING shift"
        ),
        {"by": by},
    )
    assert isinstance(shift, timedelta)
    await signals.send(work, CHANNEL, str(shift // _UNIT))
    return shift


class FollowedShift:
    """Keeps one process's `MovableClock` at the system's shift."""

    def __init__(self, clock: MovableClock, works: Works, signals: Signals) -> None:
        self._clock, self._works = clock, works
        self._missed = asyncio.Event()
        signals.on(CHANNEL, self._hear)

    def _hear(self, said: str | None) -> None:
        if said is None:
            self._missed.set()
        else:
            self._clock.go_ahead(int(said) * _UNIT)

    async def refresh(self) -> None:
        """Read the shift now."""
        async with self._works.begin() as work:
            self._clock.go_ahead(await read_shift(work))

    async def run(self) -> None:
        """Read it again whenever a signal may have been missed, until cancelled."""
        while True:
            await self._missed.wait()
            self._missed.clear()
            try:
                await self.refresh()
            except Exception as error:
                # The line to the database is cut; its return stirs us again.
                log.warning("clock_shift_unread", error=str(error))
