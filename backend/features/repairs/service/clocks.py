"""The clocks of a ticket as its moves start, stop, hold and end them (CT-05). Values are the standard's, frozen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from backend.db.work import Work
from backend.features.escalation.service import Promises
from backend.features.repairs.models import Ticket, TicketClock
from backend.features.repairs.repository import tickets

CLOCK: Final = "ticket_clock"
"""The kind of timer at which a clock is looked at: a warning, or its due time."""


@dataclass(slots=True)
class Clocks(Promises[TicketClock]):
    """All clocks of one ticket. `adds`: new ones go into the session."""

    TIMER: ClassVar = CLOCK
    GOES_ON: ClassVar = frozenset({"C2"})

    ticket: Ticket
    adds: bool = True

    @classmethod
    def begin(cls, work: Work, ticket: Ticket, now: datetime, by: UUID) -> "Clocks":
        """Those of a ticket that is new, which its opening writes by a statement of its own."""
        return cls(work, now, by, ticket.project_id, ticket.standard_version_id, [], ticket, adds=False)

    @classmethod
    async def of(cls, work: Work, ticket: Ticket, now: datetime, by: UUID | None) -> "Clocks":
        """Those of a ticket that is locked."""
        rows = list(await tickets.clocks_of(work, ticket.id))
        return cls(work, now, by, ticket.project_id, ticket.standard_version_id, rows, ticket)

    def new(self, **columns: Any) -> TicketClock:
        """A clock of the ticket."""
        clock = TicketClock(ticket_id=self.ticket.id, **columns)
        if self.adds:
            self.work.add(clock)
        return clock

    def urgent(self) -> bool:
        """Whether it was reported so."""
        return self.ticket.urgent
