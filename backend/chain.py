"""A clock of a ticket is in danger: who is added. One handler for whoever fires timers."""

from backend.features.repairs.service import InDanger, add_along_the_chain


def in_danger() -> InDanger:
    """The first along the standard's chain who is on duty (CT-05)."""
    return add_along_the_chain
