"""What waits for somebody is looked at again, until somebody is there."""

from datetime import datetime

from backend.db.work import Work
from backend.features.repairs.service.emergencies import tell_untaken
from backend.features.repairs.service.naming import name_waiting
from backend.features.repairs.service.unattended import look_again
from backend.platform.outbox import Waker


async def sweep(work: Work, waker: Waker, now: datetime, due_at: datetime) -> None:
    """Name engineers where somebody repairs by now, tell what nobody has taken, and be there again."""
    await name_waiting(work, waker, now)
    await tell_untaken(work, now)
    await look_again(work, waker, now, due_at)
