"""The door of the hotline: what the others may call."""

from backend.features.hotline.models import Case
from backend.features.hotline.repository.clocks import uncalled, unclocked, unwatched
from backend.features.hotline.rules.states import ENDED, MOVES, Part, legal
from backend.features.hotline.service.clocks import CLOCK, Clocks
from backend.features.hotline.service.moving import move, read_act
from backend.features.hotline.service.opening import Asked, Opened, Reached, Repair, open_case
from backend.features.hotline.service.parts import HOUSEHOLD, SEE, acts_on, addressees
from backend.features.hotline.service.reading import Found, alike, find_case
from backend.features.hotline.service.refusing import Refused
from backend.features.hotline.service.reviewing import REVIEW, tell_reviews
from backend.features.hotline.service.visits import opens_again
from backend.features.hotline.service.watching import look_at_clocks

__all__ = [
    "CLOCK",
    "ENDED",
    "HOUSEHOLD",
    "MOVES",
    "REVIEW",
    "SEE",
    "Asked",
    "Case",
    "Clocks",
    "Found",
    "Opened",
    "Part",
    "Reached",
    "Refused",
    "Repair",
    "acts_on",
    "addressees",
    "alike",
    "find_case",
    "legal",
    "look_at_clocks",
    "move",
    "open_case",
    "opens_again",
    "read_act",
    "tell_reviews",
    "uncalled",
    "unclocked",
    "unwatched",
]
