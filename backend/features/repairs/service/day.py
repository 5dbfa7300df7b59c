"""An engineer's day, in order of time and clock."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from backend.core.clock import SHANGHAI
from backend.db.direct import Direct
from backend.features.repairs.repository import day as repository


async def day_of(direct: Direct, account_id: UUID, on: date) -> bytes:
    """The day as JSON: visits by time; live tickets without one, urgent ones first, then whose clock is due first.

    A hot read: see the repository.
    """
    since = datetime.combine(on, time(), SHANGHAI)
    visits, waiting = await repository.day(direct, account_id, since, since + timedelta(days=1))
    return f'{{"on":"{on.isoformat()}","visits":{visits},"waiting":{waiting}}}'.encode()
