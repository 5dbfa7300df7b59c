"""A clock of a ticket is in danger: who is added; and what follows when a chain calls people, by kind of subject."""

from collections.abc import Mapping

from backend.features.escalation.service import Paged
from backend.features.repairs.service import InDanger, add_along_the_chain


def in_danger() -> InDanger:
    """The first along the standard's chain who is on duty (CT-05)."""
    return add_along_the_chain


def paged() -> Mapping[str, Paged]:
    """Nothing yet."""
    return {}
