"""The door of repairs: what the others may call."""

from backend.features.repairs.models import Ticket
from backend.features.repairs.repository.beside import tickets_of
from backend.features.repairs.repository.tickets import unwatched
from backend.features.repairs.repository.unattended import unreminded, waits_unseen
from backend.features.repairs.rules.gates import PROTECTIONS
from backend.features.repairs.rules.states import ENDED, FINISHED, MOVES, Part, legal
from backend.features.repairs.service.chain import Added, InDanger, add_along_the_chain
from backend.features.repairs.service.clocks import CLOCK, Clocks, timer_of
from backend.features.repairs.service.moving import FINISHED_TURNED, move, read_act
from backend.features.repairs.service.opening import Asked, Opened, alike, open_ticket
from backend.features.repairs.service.parts import HOUSEHOLD, OVERSEE, SEE, SERVE, acts_on, addressees
from backend.features.repairs.service.reading import Found, find_opened, find_ticket, my_tickets, state_names
from backend.features.repairs.service.refusing import Refused
from backend.features.repairs.service.sweeping import sweep
from backend.features.repairs.service.unattended import LOOK
from backend.features.repairs.service.visits import VISIT
from backend.features.repairs.service.watching import look_at_clocks

__all__ = [
    "CLOCK",
    "ENDED",
    "FINISHED",
    "FINISHED_TURNED",
    "HOUSEHOLD",
    "LOOK",
    "MOVES",
    "OVERSEE",
    "PROTECTIONS",
    "SEE",
    "SERVE",
    "VISIT",
    "Added",
    "Asked",
    "Clocks",
    "Found",
    "InDanger",
    "Opened",
    "Part",
    "Refused",
    "Ticket",
    "acts_on",
    "add_along_the_chain",
    "addressees",
    "alike",
    "find_opened",
    "find_ticket",
    "legal",
    "look_at_clocks",
    "move",
    "my_tickets",
    "open_ticket",
    "read_act",
    "state_names",
    "sweep",
    "tickets_of",
    "timer_of",
    "unreminded",
    "unwatched",
    "waits_unseen",
]
