"""The estate's jobs: each loads what it is about and calls one verb."""

from typing import Any
from uuid import UUID

from backend.db.work import Work
from backend.features.estate import service
from backend.platform.outbox import Job
from backend.platform.process import Process


def jobs(process: Process) -> dict[str, Job]:
    """The jobs of this feature by name, bound to the worker's process."""

    async def read_import(work: Work, payload: dict[str, Any]) -> None:
        await service.read_import(process, work, UUID(payload["import_id"]))

    async def commit_import(work: Work, payload: dict[str, Any]) -> None:
        await service.commit_import(process, work, UUID(payload["import_id"]))

    return {service.READ_IMPORT: read_import, service.COMMIT_IMPORT: commit_import}
