"""The running clocks of tickets that are counted in working time, for whoever publishes a calendar."""

from backend.features.escalation.service import Recounted
from backend.features.repairs.models import Ticket, TicketClock
from backend.features.repairs.repository.tickets import lock_clocks, running_at
from backend.features.repairs.service import Clocks
from backend.platform.outbox import Waker


def ticket_clocks(waker: Waker) -> Recounted[Ticket, TicketClock]:
    """Answers for the clocks whose subject is a ticket and that run by working time."""
    return Recounted("ticket", running_at, lock_clocks, Clocks.of, waker)
