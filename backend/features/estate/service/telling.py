"""Telling whoever follows the estate that ownerships or a project's dates are no longer as they were.

Through the outbox, in the transaction that changes them: the estate does not know who follows it.
"""

from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

from backend.db.work import Work
from backend.platform.outbox import Waker, enqueue

OWNERSHIPS_CHANGED: Final = "ownerships_changed"
PROJECT_DATES_CHANGED: Final = "project_dates_changed"

Cause = Literal["imported", "edited", "resale", "project"]

_BATCH: Final = 500


async def tell_ownerships_changed(
    work: Work,
    waker: Waker,
    ownership_ids: Sequence[UUID],
    *,
    actor_id: UUID | None,
    reason: str | None,
    cause: Cause,
) -> None:
    """These ownerships have begun, ended, or have other dates: who did it, and why. At most 500 a job."""
    for start in range(0, len(ownership_ids), _BATCH):
        payload = {
            "ownership_ids": [str(one) for one in ownership_ids[start : start + _BATCH]],
            "actor_id": str(actor_id) if actor_id else None,
            "reason": reason,
            "cause": cause,
        }
        await enqueue(work, waker, OWNERSHIPS_CHANGED, payload)


async def tell_project_dates_changed(work: Work, waker: Waker, project_id: UUID, *, actor_id: UUID) -> None:
    """A date of the project itself was set."""
    payload = {"project_id": str(project_id), "actor_id": str(actor_id)}
    await enqueue(work, waker, PROJECT_DATES_CHANGED, payload)
