"""Who sees the photos of a ticket: whoever sees it. Who sees the face of an engineer: whose repair they have."""

from uuid import UUID

from backend.core.caller import Caller
from backend.features.repairs.repository.seeing import SERVED_BY
from backend.features.repairs.service import HOUSEHOLD
from backend.features.repairs.sight import TicketSight
from backend.platform.process import Process


class TicketShows:
    """Decides on files that a ticket shows. Asked with every photo that is served."""

    def __init__(self, process: Process) -> None:
        self._sight = TicketSight(process)

    async def may_see(self, caller: Caller, subject_id: UUID) -> bool:
        return await self._sight.sight(caller, subject_id) is not None


class FaceShows:
    """Decides on the faces of employees: colleagues see them, and owners that of the engineer of a repair they see."""

    def __init__(self, process: Process) -> None:
        self._direct = process.direct

    async def may_see(self, caller: Caller, subject_id: UUID) -> bool:
        if caller.kind == "staff":
            return True
        return await self._direct.row(SERVED_BY, caller.account_id, list(HOUSEHOLD), subject_id) is not None
