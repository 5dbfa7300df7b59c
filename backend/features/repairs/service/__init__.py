"""The door of repairs: what the others may call."""

from backend.features.repairs.models import Ticket
from backend.features.repairs.repository.beside import tickets_of
from backend.features.repairs.repository.tickets import uncalled, unwatched
from backend.features.repairs.repository.unattended import unreminded, waits_unseen
from backend.features.repairs.rules.gates import PROTECTIONS
from backend.features.repairs.rules.states import ENDED, FINISHED, MOVES, Part, State, legal
from backend.features.repairs.service.chain import join_called, number_of
from backend.features.repairs.service.clocks import CLOCK, Clocks
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
    "Asked",
    "Clocks",
    "Found",
    "Opened",
    "Part",
    "Refused",
    "State",
    "Ticket",
    "acts_on",
    "addressees",
    "alike",
    "find_opened",
    "find_ticket",
    "join_called",
    "legal",
    "look_at_clocks",
    "move",
    "my_tickets",
    "number_of",
    "open_ticket",
    "read_act",
    "state_names",
    "sweep",
    "tickets_of",
    "uncalled",
    "unreminded",
    "unwatched",
    "waits_unseen",
]
