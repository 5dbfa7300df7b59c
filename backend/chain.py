"""What follows when a chain calls people, one line a kind of subject. One handler for whoever fires timers."""

from collections.abc import Mapping

from backend.features.escalation.service import Paged
from backend.features.repairs.service import join_called


def paged() -> Mapping[str, Paged]:
    """By kind of subject."""
    return {"ticket": join_called}
