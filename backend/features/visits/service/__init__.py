"""The door of visits: what the others may call."""

from backend.features.visits.repository.visits import Which
from backend.features.visits.rules.kinds import Kind
from backend.features.visits.service.acting import HOUSEHOLD, SEE, Acting
from backend.features.visits.service.asking import Asked, ask_for
from backend.features.visits.service.booking import Wanted, book, call_off, come_to_nothing, give
from backend.features.visits.service.clocks import look_at_clocks, remind
from backend.features.visits.service.finding import Found, find, finding_to_settle, settle_finding
from backend.features.visits.service.following import (
    KeepsPromise,
    VisitsTicket,
    follow_milestones,
    follow_tickets,
)
from backend.features.visits.service.making import Made, Tried, complete, try_to_reach
from backend.features.visits.service.planning import CLOCK, Planned, bar, hide, plan, plan_many, void
from backend.features.visits.service.reading import VisitView, find_visit, visits_page
from backend.features.visits.service.reporting import (
    Round,
    Written,
    figures_of,
    reports_page,
    write_report,
)
from backend.features.visits.service.visited import VisitDone, Visited, Visiteds

__all__ = [
    "CLOCK",
    "HOUSEHOLD",
    "SEE",
    "Acting",
    "Asked",
    "Found",
    "KeepsPromise",
    "Kind",
    "Made",
    "Planned",
    "Round",
    "Tried",
    "VisitDone",
    "VisitView",
    "Visited",
    "Visiteds",
    "VisitsTicket",
    "Wanted",
    "Which",
    "Written",
    "ask_for",
    "bar",
    "book",
    "call_off",
    "come_to_nothing",
    "complete",
    "figures_of",
    "find",
    "find_visit",
    "finding_to_settle",
    "follow_milestones",
    "follow_tickets",
    "give",
    "hide",
    "look_at_clocks",
    "plan",
    "plan_many",
    "remind",
    "reports_page",
    "settle_finding",
    "try_to_reach",
    "visits_page",
    "void",
    "write_report",
]
