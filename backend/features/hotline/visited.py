"""What follows for a case from its return visit."""

from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.db.work import Work
from backend.features.hotline.service import move, opens_again
from backend.features.visits.service import VisitDone
from backend.platform.process import Process


class VisitsCase:
    """A return visit is a move of its case: it can be closed, or begins again (HC-38, HC-39, GP-03)."""

    async def __call__(
        self, work: Work, process: Process, caller: Caller, now: datetime, done: VisitDone, /
    ) -> None:
        """The visit is made. Raises as `hotline.service.move`: whoever handled the case cannot make it (CT-30)."""
        low = await opens_again(work, done.subject_id, done.accepted, low=done.low)
        made = {
            # Who accepts and finds it poor has not accepted it.
            "accepted": None if low and done.accepted else done.accepted,
            "opinion": done.opinion,
            "visit_id": done.visit_id,
            "visited_at": done.at,
        }
        await move(process, work, caller, now, done.subject_id, "visit_low" if low else "visit", made)

    async def missed(
        self, work: Work, process: Process, caller: Caller, now: datetime, subject_id: UUID, words: str, /
    ) -> None:
        """Nobody was reached: the case's record has it too. Raises as `hotline.service.move`."""
        await move(process, work, caller, now, subject_id, "visit_missed", {"words": words})
