"""The door of the hotline: what the others may call."""

from backend.features.hotline.models import Case
from backend.features.hotline.repository.clocks import uncalled, unclocked, untold, unwatched
from backend.features.hotline.rules.states import ENDED, MOVES, WAITING, Part, legal
from backend.features.hotline.service.approving import ClaimView, TableView, claims_on, set_table, tables_for
from backend.features.hotline.service.arithmetic import Arithmetic, Counted, clocks_counted
from backend.features.hotline.service.asking import Calling, calling
from backend.features.hotline.service.bringing import Asked, Reached, Repair
from backend.features.hotline.service.clocks import CLOCK, Clocks
from backend.features.hotline.service.findings import case_of_finding
from backend.features.hotline.service.listing import my_cases, queue_page
from backend.features.hotline.service.moving import move, read_act
from backend.features.hotline.service.opening import Opened, open_case
from backend.features.hotline.service.parts import HOUSEHOLD, SEE, acts_on, addressees
from backend.features.hotline.service.reading import Found, alike, find_case
from backend.features.hotline.service.refusing import Refused
from backend.features.hotline.service.reporting import Report, report
from backend.features.hotline.service.reviewing import REVIEW, tell_reviews
from backend.features.hotline.service.visits import opens_again
from backend.features.hotline.service.waiting import WAITS, tell_waiting
from backend.features.hotline.service.watching import look_at_clocks

__all__ = [
    "CLOCK",
    "ENDED",
    "HOUSEHOLD",
    "MOVES",
    "REVIEW",
    "SEE",
    "WAITING",
    "WAITS",
    "Arithmetic",
    "Asked",
    "Calling",
    "Case",
    "ClaimView",
    "Clocks",
    "Counted",
    "Found",
    "Opened",
    "Part",
    "Reached",
    "Refused",
    "Repair",
    "Report",
    "TableView",
    "acts_on",
    "addressees",
    "alike",
    "calling",
    "case_of_finding",
    "claims_on",
    "clocks_counted",
    "find_case",
    "legal",
    "look_at_clocks",
    "move",
    "my_cases",
    "open_case",
    "opens_again",
    "queue_page",
    "read_act",
    "report",
    "set_table",
    "tables_for",
    "tell_reviews",
    "tell_waiting",
    "uncalled",
    "unclocked",
    "untold",
    "unwatched",
]
