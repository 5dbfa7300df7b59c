"""What the audit asks."""

from collections.abc import Sequence
from typing import Any

from backend.db.work import Work
from backend.features.warranty.repository import batches, notices
from backend.features.warranty.service.batches import DEADLINE
from backend.features.warranty.service.following import NOTICE


async def notices_without_timer(work: Work) -> Sequence[Any]:
    """Notices that are to be told and that nothing will; at most a hundred."""
    return await notices.without_timer(work, NOTICE)


async def batches_without_timer(work: Work) -> Sequence[Any]:
    """Batches whose deadline is still to come and that nothing will look at; at most a hundred."""
    return await batches.without_timer(work, DEADLINE)
