"""Who sees the photos of a case: whoever sees it."""

from uuid import UUID

from backend.core.caller import Caller
from backend.features.hotline.sight import CaseSight
from backend.platform.process import Process


class CaseShows:
    """Decides on files that a case shows. Asked with every photo that is served."""

    def __init__(self, process: Process) -> None:
        self._sight = CaseSight(process)

    async def may_see(self, caller: Caller, subject_id: UUID) -> bool:
        return await self._sight.sight(caller, subject_id) is not None
