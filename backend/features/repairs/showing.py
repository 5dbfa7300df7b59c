"""Who sees the photos of a ticket: whoever sees the ticket."""

from uuid import UUID

from backend.core.caller import Caller
from backend.features.repairs.sight import TicketSight
from backend.platform.process import Process


class TicketShows:
    """Decides on files that a ticket shows. Asked with every photo that is served."""

    def __init__(self, process: Process) -> None:
        self._sight = TicketSight(process)

    async def may_see(self, caller: Caller, subject_id: UUID) -> bool:
        return await self._sight.sight(caller, subject_id) is not None
