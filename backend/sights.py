"""Who sees which threads: one line a kind of subject. A thread whose kind stands nowhere here is nobody's."""

from backend.duty import nobody_on_duty
from backend.features.chat.sight import ConversationSight
from backend.features.hotline.service import addressees as of_cases
from backend.features.hotline.sight import CaseSight
from backend.features.journey.service import addressees as of_journeys
from backend.features.journey.sight import JourneySight
from backend.features.notices.service import Addressees
from backend.features.repairs.service import addressees as of_tickets
from backend.features.repairs.sight import TicketSight
from backend.features.visits.sight import VisitSight
from backend.features.warranty.sight import DefectBatchSight
from backend.platform.process import Process
from backend.platform.threads import Sight


def sights(process: Process) -> dict[str, Sight]:
    """Every kind of subject that has threads."""
    return {
        "case": CaseSight(process),
        "conversation": ConversationSight(process, nobody_on_duty(process)),
        "defect_batch": DefectBatchSight(process),
        "journey": JourneySight(process),
        "ticket": TicketSight(process),
        "visit": VisitSight(process),
    }


def addressees() -> dict[str, Addressees]:
    """Whom new lines are for that never opened the thread; of other subjects, those who have written or read there."""
    return {"case": of_cases, "journey": of_journeys, "ticket": of_tickets}
