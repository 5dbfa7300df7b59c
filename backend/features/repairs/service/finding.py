"""Finding a ticket for somebody who is to do something beside its moves."""

from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import NotAllowed, NotFound
from backend.db.work import Work
from backend.features.repairs.models import Ticket
from backend.features.repairs.repository import tickets
from backend.features.repairs.rules.states import Part
from backend.features.repairs.service.parts import acts_on


async def ticket_for(
    work: Work, caller: Caller, now: datetime, ticket_id: UUID, *, lock: bool = False
) -> tuple[Ticket, frozenset[Part]]:
    """A ticket that the caller sees, and in what parts they act on it.

    Raises:
        NotFound: they see no such ticket.
    """
    ticket = await (tickets.lock if lock else tickets.find)(work, ticket_id)
    if ticket is None:
        raise NotFound()
    return ticket, (await acts_on(work, caller, now, ticket)).parts


async def ticket_to_serve(
    work: Work, caller: Caller, now: datetime, ticket_id: UUID, *, lock: bool = True
) -> Ticket:
    """A ticket that the caller works on: its engineer, the desk, or a manager.

    Raises:
        NotFound: they see no such ticket.
        NotAllowed: `not_your_move`.
    """
    ticket, parts = await ticket_for(work, caller, now, ticket_id, lock=lock)
    if not parts & {"engineer", "desk", "manager"}:
        raise NotAllowed("not_your_move")
    return ticket
