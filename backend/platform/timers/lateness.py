"""How late timers fired: counted in memory, and added to the table with every pulse.

In the transactions that fire, every one of them would wait for the rows of the table. A worker that is killed takes the
counts of its last two seconds with it, which is all that is ever lost here.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from backend.db.work import Works

BUCKETS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, float("inf"))
"""Seconds; a timer is counted in the first that it is not over."""

_ADD = text(
    "INSERT INTO timer_lateness (at_most, fired, seconds) SELECT * FROM unnest(CAST(:at_most AS float8[]),"
    " CAST(:fired AS int[]), CAST(:seconds AS float8[]))"
    " ON CONFLICT (at_most) DO UPDATE SET fired = timer_lateness.fired + excluded.fired,"
    " seconds = timer_lateness.seconds + excluded.seconds"
)


class Lateness:
    """The counts of one worker that are not written yet."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self._waiting: dict[float, list[float]] = {}

    def count(self, late: Sequence[float]) -> None:
        """Timers that have fired, each so many seconds late."""
        for seconds in late:
            self._waiting.setdefault(BUCKETS[bisect_left(BUCKETS, seconds)], []).append(seconds)

    async def write(self) -> None:
        """Add what was counted to the table."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        ordered = sorted(waiting)
        async with self._works.begin() as work:
            await work.execute(
                _ADD,
                {
                    "at_most": ordered,
                    "fired": [len(waiting[at_most]) for at_most in ordered],
                    "seconds": [sum(waiting[at_most]) for at_most in ordered],
                },
            )
