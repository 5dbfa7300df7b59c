"""Who sees the files that a subject shows without a line: one line a kind of subject."""

from backend.features.files.service import FACE, Shows
from backend.features.hotline.showing import CaseShows
from backend.features.progress.showing import PostShows
from backend.features.repairs.showing import FaceShows, TicketShows
from backend.features.visits.showing import VisitShows
from backend.platform.process import Process


def shows(process: Process) -> dict[str, Shows]:
    """Every kind of subject that shows files."""
    return {
        FACE: FaceShows(process),
        "case": CaseShows(process),
        "post": PostShows(process),
        "ticket": TicketShows(process),
        "visit": VisitShows(process),
    }
