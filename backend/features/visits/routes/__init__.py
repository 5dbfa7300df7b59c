"""Visits over HTTP."""

from backend.features.visits.routes.making import making
from backend.features.visits.routes.reports import reports
from backend.features.visits.routes.visits import visits

__all__ = ["making", "reports", "visits"]
