"""Carrying the outbox out.

A row is claimed, run and deleted in one transaction, so its effect on the database happens exactly once; a worker
that is killed lets go of the row and the next one takes it at once. What a job does outside the database may happen
twice, and such a job must bear it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.pool import QueuePool

from backend.core.logging import carrying, log
from backend.db.work import Work, Works

Job = Callable[[Work, dict[str, Any]], Awaitable[None]]

SWEEP_SECONDS = 2.0
_AT_ONCE = 8
_ATTEMPTS = 10

_CLAIM = text(
    "SELECT id, job, payload, attempts, request_id FROM outbox"
    " WHERE state = 'pending' AND due_at <= app_now()"
    " ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_DONE = text("DELETE FROM outbox WHERE id = :id")
_FAILED = text(
    "UPDATE outbox SET attempts = attempts + 1, last_error = :error,"
    " state = CASE WHEN attempts + 1 >= :most THEN 'parked' ELSE 'pending' END,"
    " due_at = app_now() + make_interval(secs => :pause) WHERE id = :id"
)


def pause_after(attempts: int) -> float:
    """Seconds until a job that has failed `attempts` times is tried again: 1, 2, 4 ... at most 300."""
    return float(min(2 ** (attempts - 1), 300))


class Outbox:
    """Runs the jobs of one worker process."""

    def __init__(self, works: Works, jobs: Mapping[str, Job]) -> None:
        self._works, self._jobs = works, jobs
        # A job may open a second unit of work beside its own: then all lanes must not hold all connections.
        pool = works.engine.pool
        connections = pool.size() if isinstance(pool, QueuePool) else 1
        self._lanes = max(1, min(_AT_ONCE, connections // 2))
        self._open = 0

    async def drain(self) -> int:
        """Run every due job there is, some side by side. Returns how many were run here, well or not.

        A lane that has found a job opens another one, so a job that takes long holds up nothing. When there are as many
        as may be, there is nothing to do: each looks again when it is done.
        """
        lanes: list[asyncio.Task[int]] = []

        def open_lane() -> None:
            if self._open < self._lanes:
                self._open += 1
                lanes.append(asyncio.create_task(self._lane(open_lane)))

        open_lane()
        count = 0
        try:
            # More are opened while these run.
            for lane in lanes:
                count += await lane
        finally:
            for lane in lanes:
                lane.cancel()
        return count

    async def sweep(self) -> None:
        """Drain every few seconds until cancelled: the promise that does not depend on any wake-up."""
        while True:
            try:
                await self.drain()
            except Exception as error:
                log.warning("outbox_sweep_failed", error=type(error).__name__)
            await asyncio.sleep(SWEEP_SECONDS)

    async def _lane(self, found: Callable[[], None]) -> int:
        count = 0
        try:
            while await self._run_one(found):
                count += 1
        finally:
            self._open -= 1
        return count

    async def _run_one(self, found: Callable[[], None]) -> bool:
        row: Any = None
        try:
            async with self._works.begin() as work:
                row = (await work.execute(_CLAIM)).one_or_none()
                if row is None:
                    return False
                found()
                with carrying(job=row.job, job_id=str(row.id), request_id=row.request_id):
                    await self._attempt(work, row)
        except Exception as error:
            if row is None:
                raise
            # Its connection is gone, or the commit failed: the failure is noted on another one.
            async with self._works.begin() as work:
                await self._note_failure(work, row, error)
        return True

    async def _attempt(self, work: Work, row: Any) -> None:
        """Run one job.

        A failed one is undone and put off while the row is still ours, so that nobody runs it at once.
        """
        try:
            async with work.begin_nested():
                await self._jobs[row.job](work, row.payload)
        except Exception as error:
            await self._note_failure(work, row, error)
        else:
            await work.execute(_DONE, {"id": row.id})
            log.info("job_done")

    async def _note_failure(self, work: Work, row: Any, error: Exception) -> None:
        attempts = row.attempts + 1
        # Only the kind of error: its text may quote what the job was given.
        kind = type(error).__name__
        event = "job_parked" if attempts >= _ATTEMPTS else "job_failed"
        log.error(event, job=row.job, job_id=str(row.id), attempts=attempts, error=kind, exc_info=error)
        await work.execute(
            _FAILED, {"id": row.id, "error": kind, "most": _ATTEMPTS, "pause": pause_after(attempts)}
        )
