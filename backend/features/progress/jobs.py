"""What posts do in the worker: they are published at their time, by the database's clock."""

from collections.abc import Sequence

from sqlalchemy import func, select

from backend.db.work import Work
from backend.features.progress import service
from backend.platform.process import Process
from backend.platform.timers import DueTimer, Handler


def timers(process: Process) -> dict[str, Handler]:
    """What fires the timers of posts, by kind."""

    async def publish(work: Work, due: Sequence[DueTimer]) -> None:
        now = (await work.scalars(select(func.app_now()))).one()
        await service.publish(process, work, now, due)

    return {service.PUBLISH: publish}
