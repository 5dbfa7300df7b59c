"""The door of visits: what the others may call."""

from backend.features.visits.rules.kinds import Kind
from backend.features.visits.service.planning import Planned, bar, plan, plan_many, void
from backend.features.visits.service.visited import VisitDone, Visited

__all__ = ["Kind", "Planned", "VisitDone", "Visited", "bar", "plan", "plan_many", "void"]
