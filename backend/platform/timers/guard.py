"""The guard over the database's clock, which decides what is due: when it jumps, firing is held."""

import os
import socket
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.core.ids import new_id
from backend.core.logging import log
from backend.db.work import Work, Works
from backend.platform.timers.rules import Reading, ahead_of, judge, jumped

BEAT_SECONDS: Final = 2.0
ALIVE_SECONDS: Final = 10.0
"""A worker that has not beaten for this long is not counted."""

_READ = text("SELECT clock_timestamp()")
_BEAT = text(
    "INSERT INTO timer_pulse (worker, name, beat, ahead, seen_at) VALUES (:worker, :name, 1, :ahead, :seen_at)"
    " ON CONFLICT (worker) DO UPDATE SET beat = timer_pulse.beat + 1, ahead = :ahead, seen_at = :seen_at"
)
_OTHERS = text("SELECT worker, beat, ahead FROM timer_pulse WHERE worker <> :worker")
_LAST_HOLD = text("SELECT id, released_at IS NULL AS open FROM timer_hold ORDER BY id DESC LIMIT 1")
_HOLD = text(
    "INSERT INTO timer_hold (ahead) VALUES (:ahead) ON CONFLICT ((true)) WHERE released_at IS NULL DO NOTHING"
)
_RELEASE = text(
    "UPDATE timer_hold SET released_at = clock_timestamp(), released_because = 'the clock agrees again'"
    " WHERE released_at IS NULL"
)
_GOODBYE = text("DELETE FROM timer_pulse WHERE worker = :worker")


def steady() -> float:
    """Seconds on a clock that nobody can set. Unlike `time.monotonic` it goes on while the machine is suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def reading(database: datetime, before: float) -> Reading:
    """A reading of the database's clock that was asked for at `before` and has just come."""
    return Reading(database.timestamp(), before, steady())


@dataclass(slots=True)
class _Seen:
    """Another worker: its last beat, and when that came, by our steady clock."""

    beat: int
    at: float


@dataclass(slots=True)
class _Suspicion:
    """Since when we have seen a jump, and the beats by then of those who were alive: later ones are their votes."""

    since: float
    jury: dict[UUID, int]


class ClockGuard:
    """One worker's view of the database's clock, shared with the other workers through a pulse.

    Whoever saw a jump fires nothing. Two who saw it, or the only one alive, hold firing for all; it is released when
    those who saw the jump see the clock where it should be, or by an operator.
    """

    def __init__(self, works: Works) -> None:
        self._works = works
        self._worker, self._name = new_id(), f"{socket.gethostname()}:{os.getpid()}"
        self._anchor: Reading | None = None
        self._others: dict[UUID, _Seen] = {}
        self._suspicion: _Suspicion | None = None
        self._last_hold = 0

    def believes(self, now: Reading) -> bool:
        """Whether to fire by this reading."""
        if self._anchor is None:
            self._anchor = now
        return self._suspicion is None and not jumped(ahead_of(self._anchor, now))

    async def beat(self) -> bool:
        """Show that this worker lives, look at the clock, and act on what the workers saw.

        Returns whether this worker believes the clock as it stands.
        """
        async with self._works.begin() as work:
            before = steady()
            seen_at: datetime = (await work.execute(_READ)).scalar_one()
            now = reading(seen_at, before)
            if self._anchor is None:
                self._anchor = now
            ahead = ahead_of(self._anchor, now)
            await work.execute(
                _BEAT, {"worker": self._worker, "name": self._name, "ahead": ahead, "seen_at": seen_at}
            )
            others = (await work.execute(_OTHERS, {"worker": self._worker})).all()
            self._note(others, now.after)
            await self._act(work, now, ahead, others)
        return self._suspicion is None

    async def goodbye(self) -> None:
        """This worker ends, and is not missed."""
        async with self._works.begin() as work:
            await work.execute(_GOODBYE, {"worker": self._worker})

    def _note(self, others: Any, at: float) -> None:
        seen = {row.worker: _Seen(row.beat, at) for row in others}
        for worker, now in seen.items():
            before = self._others.get(worker)
            if before is not None and before.beat == now.beat:
                now.at = before.at
        self._others = seen

    async def _act(self, work: Work, now: Reading, ahead: float, others: Any) -> None:
        last = (await work.execute(_LAST_HOLD)).one_or_none()
        last_id, held = (last.id, last.open) if last is not None else (0, False)
        if jumped(ahead) and last_id != self._last_hold and not held:
            # Somebody held for the jump that we see, and it was released since: the clock was confirmed.
            log.warning("timers_released", hold=last_id)
            self._believe(now, last_id)
            return
        match judge(ahead, self._votes(ahead, now.after, others), waited=self._waited(now.after)):
            case "steady":
                if held and self._suspicion is not None:
                    # Only who saw the jump can say that it is over.
                    await work.execute(_RELEASE)
                    log.warning("timers_released", hold=last_id)
                self._believe(now, last_id)
            case "mistaken":
                log.warning("steady_clock_mistaken", ahead=round(ahead, 1))
                self._believe(now, last_id)
            case "jumped" if not held:
                await work.execute(_HOLD, {"ahead": ahead})
                log.error("timers_held", ahead=round(ahead, 1))
            case _:
                pass  # it is held, or somebody has not looked yet

    def _believe(self, now: Reading, last_hold: int) -> None:
        self._anchor, self._suspicion, self._last_hold = now, None, last_hold

    def _votes(self, ahead: float, at: float, others: Any) -> list[float | None]:
        if not jumped(ahead):
            return []
        if self._suspicion is None:
            alive = {
                worker: seen.beat for worker, seen in self._others.items() if at - seen.at <= ALIVE_SECONDS
            }
            self._suspicion = _Suspicion(at, alive)
        jury = self._suspicion.jury
        found = {row.worker: row for row in others if row.worker in jury}
        return [
            found[worker].ahead
            if worker in found and (found[worker].beat > beat or jumped(found[worker].ahead))
            else None
            for worker, beat in jury.items()
        ]

    def _waited(self, at: float) -> bool:
        return self._suspicion is not None and at - self._suspicion.since > ALIVE_SECONDS
