"""The addresses of journeys, one file a subject."""

from backend.features.journey.routes.board import board
from backend.features.journey.routes.moves import moves
from backend.features.journey.routes.tasks import tasks
from backend.features.journey.routes.timeline import timeline

__all__ = ["board", "moves", "tasks", "timeline"]
