"""The tables of repairs."""

from backend.features.repairs.models import holding
from backend.features.repairs.models.clocks import TicketClock
from backend.features.repairs.models.evidence import (
    TicketCleaning,
    TicketFinish,
    TicketLiving,
    TicketRating,
    TicketRefusal,
    TicketSignature,
    TicketTick,
    TicketVisit,
)
from backend.features.repairs.models.tickets import Succession, Ticket

__all__ = [
    "Succession",
    "Ticket",
    "TicketCleaning",
    "TicketClock",
    "TicketFinish",
    "TicketLiving",
    "TicketRating",
    "TicketRefusal",
    "TicketSignature",
    "TicketTick",
    "TicketVisit",
    "holding",
]
