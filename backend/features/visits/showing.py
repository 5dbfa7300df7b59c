"""Who sees the photos of a visit: whoever sees it."""

from uuid import UUID

from backend.core.caller import Caller
from backend.features.visits.sight import VisitSight
from backend.platform.process import Process


class VisitShows:
    """Decides on files that a visit shows. Asked with every photo that is served."""

    def __init__(self, process: Process) -> None:
        self._sight = VisitSight(process)

    async def may_see(self, caller: Caller, subject_id: UUID) -> bool:
        return await self._sight.sight(caller, subject_id) is not None
