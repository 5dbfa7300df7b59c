"""What follows from a visit that is made: one handler a kind of subject, for the API."""

from backend.features.hotline.visited import VisitsCase
from backend.features.visits.service import KeepsPromise, Visited, VisitsTicket


def visited() -> dict[str, Visited]:
    """A milestone of the journey is done, a ticket or case visited; of a home by itself nothing more follows."""
    return {"milestone": KeepsPromise(), "ticket": VisitsTicket(), "case": VisitsCase()}
