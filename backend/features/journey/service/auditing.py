"""Whether everything that should happen by itself has a timer."""

from collections.abc import Sequence
from typing import Any, Final

from backend.db.work import Work
from backend.features.journey.repository import journeys
from backend.features.journey.service.writing import MILESTONE

_MOST: Final = 100


async def milestones_without_timer(work: Work) -> Sequence[Any]:
    """Milestones that are to come due or late by themselves and have no timer: always none. At most 100, by id."""
    return await journeys.without_timer(work, MILESTONE, _MOST)
