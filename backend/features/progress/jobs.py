"""What posts do in the worker: they are published at their time, by the database's clock, and follow consents."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.db.work import Work
from backend.features.privacy.service import CONSENT_WITHDRAWN
from backend.features.progress import service
from backend.platform.outbox import Job
from backend.platform.process import Process
from backend.platform.timers import DueTimer, Handler


def jobs() -> dict[str, Job]:
    """The jobs of posts, by name."""

    async def consent_withdrawn(work: Work, payload: dict[str, Any]) -> None:
        account_id, number = UUID(payload["account_id"]), payload["number"]
        await service.consent_withdrawn(work, account_id, payload["use"], number)

    return {CONSENT_WITHDRAWN: consent_withdrawn}


def timers(process: Process) -> dict[str, Handler]:
    """What fires the timers of posts, by kind."""

    async def publish(work: Work, due: Sequence[DueTimer]) -> None:
        now = (await work.scalars(select(func.app_now()))).one()
        await service.publish(process, work, now, due)

    return {service.PUBLISH: publish}
