"""What a worker has sent: counted in memory and added to the database with every sweep, where Prometheus is told of it.

A worker has no address to be asked at. One that is killed takes the counts of its last second with it.
"""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from backend.core.ids import new_id
from backend.db.work import Works
from backend.features.notices.kinds import ChannelName, Lane
from backend.features.notices.repository import tallies
from backend.features.notices.rules import Settled
from push.breaker import Guarded, State

BUCKETS: Final = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, float("inf"))
"""Seconds; a message is counted in the first that it is not over."""

OUTCOMES: Final = {
    "accepted": "accepted",
    "waiting": "retried",
    "leased": "unknown",
    "dead": "dead",
    "refused": "refused",
}
"""What a delivery has become, as it is counted. `unknown` is an SMS that the gateway has to be asked after."""

_BREAKERS_EVERY_SECONDS: Final = 10.0


class Tally:
    """The counts of one worker that are not written yet, and how its breakers stand."""

    def __init__(self) -> None:
        self._worker: UUID = new_id()
        self._sent: Counter[tuple[str, str, str]] = Counter()
        self._late: dict[tuple[str, float], list[float]] = {}
        self._breakers: dict[ChannelName, tuple[State, int]] = {}
        self._breakers_at = float("-inf")

    def count(self, lane: Lane, channel: ChannelName, settled: Sequence[tuple[Settled, float]]) -> None:
        """What became of messages; with each, how many seconds after it was due that was."""
        for one, late in settled:
            self._sent[lane, channel, OUTCOMES[one.state]] += 1
            if one.state == "accepted":
                bucket = BUCKETS[bisect_left(BUCKETS, late)]
                self._late.setdefault((lane, bucket), []).append(late)

    async def write(self, works: Works, guarded: Mapping[ChannelName, Guarded]) -> None:
        """Add what was counted, and say how the breakers stand when that has changed, or was said a while ago."""
        now = time.monotonic()
        breakers = {name: (one.breaker.state(now), one.breaker.openings) for name, one in guarded.items()}
        told = breakers == self._breakers and now < self._breakers_at + _BREAKERS_EVERY_SECONDS
        if told and not self._sent:
            return
        sent, self._sent = self._sent, Counter()
        late, self._late = self._late, {}
        async with works.begin() as work:
            if sent:
                await tallies.add(work, sent, late)
            if not told:
                await tallies.note_breakers(work, self._worker, breakers)
        if not told:
            self._breakers, self._breakers_at = dict(breakers), now
