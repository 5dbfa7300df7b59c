"""The tables of repairs."""

from backend.features.repairs.models import holding
from backend.features.repairs.models.appointments import Appointment, AppointmentOffer, AppointmentTime
from backend.features.repairs.models.charges import PriceItem, PriceList, Quote, QuoteLine, TicketCost
from backend.features.repairs.models.clocks import TicketClock
from backend.features.repairs.models.emergencies import TicketEmergency
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
from backend.features.repairs.models.sites import ConstructionCompany, JointTeamMember, TicketDefect
from backend.features.repairs.models.tickets import Succession, Ticket

__all__ = [
    "Appointment",
    "AppointmentOffer",
    "AppointmentTime",
    "ConstructionCompany",
    "JointTeamMember",
    "PriceItem",
    "PriceList",
    "Quote",
    "QuoteLine",
    "Succession",
    "Ticket",
    "TicketCleaning",
    "TicketClock",
    "TicketCost",
    "TicketDefect",
    "TicketEmergency",
    "TicketFinish",
    "TicketLiving",
    "TicketRating",
    "TicketRefusal",
    "TicketSignature",
    "TicketTick",
    "TicketVisit",
    "holding",
]
