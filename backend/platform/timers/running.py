"""Firing timers.

Timers are claimed, handed to their handler and marked in one transaction, so whatever the handler writes happens
exactly once; a worker that is killed lets go of the rows and the next one takes them at once. By then PostgreSQL
holds either all of it or nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.core.logging import log
from backend.db.work import Work, Works
from backend.platform.outbox import pause_after
from backend.platform.timers.guard import BEAT_SECONDS, ClockGuard, reading, steady
from backend.platform.timers.lateness import Lateness

SWEEP_SECONDS: Final = 1.0
ATTEMPTS: Final = 10
"""A timer that has failed this often, in about a quarter of an hour, is parked."""

_BATCH = 500
_HANDLER_SECONDS = 60.0
# What failed before, and may take its whole minute to fail again, is tried by one lane only.
_LANES = (False, True)

_NEXT = text(
    "SELECT kind, attempts > 0 AS failed_before, clock_timestamp() AS read_at FROM timer"
    " WHERE state = 'pending' AND next_try_at <= app_now() AND kind = ANY(CAST(:kinds AS text[]))"
    " AND (attempts = 0 OR :also_failed) AND NOT EXISTS (SELECT FROM timer_hold WHERE released_at IS NULL)"
    " ORDER BY next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_CLAIM = text(
    "SELECT id, kind, key, due_at, payload, version, attempts FROM timer"
    " WHERE state = 'pending' AND next_try_at <= app_now() AND kind = :kind AND (attempts > 0) = :failed_before"
    " ORDER BY next_try_at, id LIMIT :most FOR UPDATE SKIP LOCKED"
)
_STILL_DUE = text("SELECT true FROM timer WHERE id = :id AND version = :version AND state = 'pending'")
# A handler may have moved or called off what it was given: the version tells.
_FIRED = text(
    "UPDATE timer SET state = 'fired', fired_at = app_moment(), last_error = NULL,"
    " lateness = greatest(app_moment() - greatest(due_at, armed_at), '0')"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS int[])) AS done (id, version)"
    " WHERE timer.id = done.id AND timer.version = done.version AND timer.state = 'pending'"
    " RETURNING extract(epoch FROM lateness) AS late"
)
_FAILED = text(
    "UPDATE timer SET attempts = attempts + 1, last_error = :error,"
    " state = CASE WHEN attempts + 1 >= :most THEN 'parked' ELSE 'pending' END,"
    " next_try_at = greatest(due_at, app_now() + make_interval(secs => :pause))"
    " WHERE id = :id AND version = :version AND state = 'pending' RETURNING state"
)
# Not at once: while a new version is being rolled out, the old workers do not know its kinds yet.
_ORPHANS = text(
    "UPDATE timer SET state = 'parked', last_error = 'NoHandler' WHERE id IN ("
    "SELECT id FROM timer WHERE state = 'pending' AND next_try_at <= app_now() - interval '10 minutes'"
    " AND kind <> ALL(CAST(:kinds AS text[])) AND NOT EXISTS (SELECT FROM timer_hold WHERE released_at IS NULL)"
    " ORDER BY next_try_at, id LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING id, kind, key"
)
_NEXT_IN = text(
    "SELECT extract(epoch FROM min(next_try_at) - app_moment()) FROM timer"
    " WHERE state = 'pending' AND next_try_at > app_now()"
)


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer as its handler is given it. `attempts` counts the failures before; `version` how often it was moved."""

    id: UUID
    kind: str
    key: str
    due_at: datetime
    payload: dict[str, Any]
    version: int
    attempts: int


Handler = Callable[[Work, Sequence[DueTimer]], Awaitable[None]]
"""Fires some timers of one kind, at least one and at most 500, within a minute.

It only writes through the `Work` it is given: its whole effect (state, entries, the next timers, outbox) then commits
with the timers' own `fired`, or not at all. When it fails, it is called again for one timer at a time.
"""


class Timers:
    """Fires the timers of one worker process. `handlers`: by kind."""

    def __init__(self, works: Works, handlers: Mapping[str, Handler]) -> None:
        self._works, self._handlers = works, handlers
        self._kinds = list(handlers)
        self._guard = ClockGuard(works)
        self._lateness = Lateness(works)
        self._draining = asyncio.Lock()

    async def drain(self) -> int:
        """Fire everything that is due. Returns how many timers were tried, with success or without."""
        async with self._draining:
            lanes = [asyncio.create_task(self._lane(also_failed)) for also_failed in _LANES]
            # When one fails the other is let finish: a drain that has ended leaves nothing running.
            await asyncio.gather(*lanes, return_exceptions=True)
            return sum(lane.result() for lane in lanes)

    async def sweep(self) -> None:
        """Fire what comes due, until cancelled: the promise that depends on no wake-up, and on PostgreSQL alone."""
        pulse = asyncio.create_task(self._pulse())
        try:
            while True:
                pause = SWEEP_SECONDS
                try:
                    await self.drain()
                    pause = await self._until_next()
                except Exception as error:
                    log.warning("timers_sweep_failed", error=type(error).__name__)
                await asyncio.sleep(pause)
        finally:
            pulse.cancel()
            await asyncio.gather(pulse, return_exceptions=True)

    async def _pulse(self) -> None:
        """What a worker does beside firing, so that a long batch does not stop its pulse."""
        try:
            while True:
                try:
                    believed = await self._guard.beat()
                    await self._lateness.write()
                    if believed:
                        await self._park_orphans()
                except Exception as error:
                    log.warning("timers_pulse_failed", error=type(error).__name__)
                await asyncio.sleep(BEAT_SECONDS)
        finally:
            with suppress(Exception):
                await self._lateness.write()
                await self._guard.goodbye()

    async def _until_next(self) -> float:
        async with self._works.begin() as work:
            due_in = await work.scalar(_NEXT_IN)
        return SWEEP_SECONDS if due_in is None else min(max(float(due_in), 0.0) + 0.001, SWEEP_SECONDS)

    async def _park_orphans(self) -> None:
        async with self._works.begin() as work:
            for row in await work.execute(_ORPHANS, {"kinds": self._kinds}):
                log.error("timer_parked", kind=row.kind, key=row.key, timer_id=str(row.id), error="NoHandler")

    async def _lane(self, also_failed: bool) -> int:
        count = 0
        while tried := await self._fire_some(also_failed):
            count += tried
        return count

    async def _fire_some(self, also_failed: bool) -> int:
        """One transaction: some timers of one kind, or one that has failed before, alone."""
        claimed: Sequence[DueTimer] = []
        late: list[float] = []
        try:
            async with self._works.begin() as work:
                claimed = await self._claim(work, also_failed)
                if claimed:
                    late = await self._attempt(work, claimed)
        except Exception as error:
            if not claimed:
                raise
            # Its connection is gone, or the commit failed: the failure is noted on another one. Whoever of them it was,
            # next time each is tried in a transaction of its own.
            async with self._works.begin() as work:
                await self._note_failures(work, claimed, error)
        else:
            self._lateness.count(late)
        return len(claimed)

    async def _claim(self, work: Work, also_failed: bool) -> Sequence[DueTimer]:
        before = steady()
        found = (await work.execute(_NEXT, {"kinds": self._kinds, "also_failed": also_failed})).one_or_none()
        if found is None or not self._guard.believes(reading(found.read_at, before)):
            return []
        most = 1 if found.failed_before else _BATCH
        rows = await work.execute(
            _CLAIM, {"kind": found.kind, "failed_before": found.failed_before, "most": most}
        )
        return [DueTimer(*row) for row in rows]

    async def _attempt(self, work: Work, claimed: Sequence[DueTimer]) -> list[float]:
        """Hand them over; when that fails, one by one, so that only the guilty one is put off.

        Returns how many seconds late each was that has fired.
        """
        began = time.perf_counter()
        try:
            await self._hand_over(work, claimed)
            fired = claimed
        except Exception as error:
            if len(claimed) == 1 or isinstance(error, TimeoutError):
                await self._note_failures(work, claimed, error)
                return []
            log.warning(
                "timers_one_by_one", kind=claimed[0].kind, count=len(claimed), error=type(error).__name__
            )
            fired = await self._attempt_each(work, claimed)
        done = await work.execute(
            _FIRED, {"ids": [one.id for one in fired], "versions": [one.version for one in fired]}
        )
        late = [float(row.late) for row in done]
        log.info(
            "timers_fired",
            kind=claimed[0].kind,
            count=len(fired),
            seconds=round(time.perf_counter() - began, 3),
            late=round(max(late, default=0.0), 3),
        )
        return late

    async def _attempt_each(self, work: Work, claimed: Sequence[DueTimer]) -> Sequence[DueTimer]:
        """Those that fired, each in a savepoint of its own. What a minute does not suffice for stays due as it is."""
        fired = []
        until = steady() + _HANDLER_SECONDS
        for timer in claimed:
            if steady() > until:
                break
            # The handler of one before may have called it off.
            if not await work.scalar(_STILL_DUE, {"id": timer.id, "version": timer.version}):
                continue
            try:
                await self._hand_over(work, [timer])
            except Exception as error:
                await self._note_failures(work, [timer], error)
            else:
                fired.append(timer)
        return fired

    async def _hand_over(self, work: Work, timers: Sequence[DueTimer]) -> None:
        async with work.begin_nested(), asyncio.timeout(_HANDLER_SECONDS):
            await self._handlers[timers[0].kind](work, timers)

    async def _note_failures(self, work: Work, timers: Sequence[DueTimer], error: Exception) -> None:
        # Only the kind of error: its text may quote what the timer was given.
        kind = type(error).__name__
        for timer in timers:
            attempts = timer.attempts + 1
            values = {"most": ATTEMPTS, "pause": pause_after(attempts), "error": kind}
            state = await work.scalar(_FAILED, {"id": timer.id, "version": timer.version, **values})
            log.error(
                "timer_parked" if state == "parked" else "timer_failed",
                kind=timer.kind,
                key=timer.key,
                timer_id=str(timer.id),
                attempts=attempts,
                error=kind,
                exc_info=error,
            )
