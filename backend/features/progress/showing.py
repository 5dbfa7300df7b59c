"""Who sees a post, and with it its photos: owners the published ones about their homes, staff those in their scope."""

from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.features.progress.repository import audience
from backend.platform.process import Process


class PostShows:
    """Decides on files that a post shows. Asked with every photo that is served."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def may_see(self, caller: Caller, subject_id: UUID) -> bool:
        direct = self._process.direct
        if caller.kind == "owner":
            return bool(await audience.owner_sees(direct, caller.account_id, subject_id))
        today = local_date(self._process.clock.now())
        return await audience.staff_sees(direct, caller.account_id, subject_id, today)
