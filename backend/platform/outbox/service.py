"""Writing jobs into the outbox, and counting what waits there."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from backend.core.ids import new_id
from backend.core.logging import carried
from backend.db.work import Work
from backend.platform.outbox.models import OutboxRow
from backend.platform.outbox.waking import Waker


async def enqueue(work: Work, waker: Waker, job: str, payload: dict[str, Any]) -> None:
    """Have `job` run with `payload` after this transaction commits, and never if it does not.

    The job is named in `backend/worker.py`. It carries the id of the request that asked for it.
    """
    request_id = carried().get("request_id")
    work.add(OutboxRow(id=new_id(), job=job, payload=payload, request_id=request_id))
    await work.flush()
    work.after_commit(waker.wake)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What stands in the outbox. `oldest` is the lateness of the longest due row, in seconds."""

    pending: int
    parked: int
    oldest: float


async def pending(work: Work) -> Waiting:
    """Count the outbox, for the metrics."""
    row = (
        await work.execute(
            text(
                "SELECT count(*) FILTER (WHERE state = 'pending') AS pending,"
                " count(*) FILTER (WHERE state = 'parked') AS parked,"
                " coalesce(extract(epoch FROM app_now() - min(due_at) FILTER (WHERE state = 'pending')), 0) AS oldest"
                " FROM outbox"
            )
        )
    ).one()
    return Waiting(row.pending, row.parked, max(0.0, float(row.oldest)))
