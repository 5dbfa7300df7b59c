"""The tables of visits."""

from backend.features.visits.models.findings import VisitFinding, VisitReport
from backend.features.visits.models.hiding import VisitHidden
from backend.features.visits.models.making import VisitAnswer, VisitAttempt, VisitBooking
from backend.features.visits.models.visits import Visit

__all__ = [
    "Visit",
    "VisitAnswer",
    "VisitAttempt",
    "VisitBooking",
    "VisitFinding",
    "VisitHidden",
    "VisitReport",
]
