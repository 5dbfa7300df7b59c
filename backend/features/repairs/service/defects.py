"""What broke, by whose work, and whether others should learn from it (SN-05, EN-11)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Invalid, NotFound
from backend.db.work import Work
from backend.features.repairs.models import TicketDefect
from backend.features.repairs.repository import sites
from backend.features.repairs.service.finding import ticket_for, ticket_to_serve
from backend.platform.threads import NewEntry, append


@dataclass(frozen=True, slots=True)
class Defect:
    """What broke; None for `company_id`: nobody knows whose work it was."""

    component: str
    company_id: UUID | None
    cause: str
    lesson: bool


async def defect_of(work: Work, caller: Caller, now: datetime, ticket_id: UUID) -> TicketDefect:
    """What was found on a ticket that an employee sees.

    Raises:
        NotFound: they see no such ticket; nothing was noted.
    """
    ticket, _ = await ticket_for(work, caller, now, ticket_id)
    found = await work.get(TicketDefect, ticket.id)
    if found is None:
        raise NotFound()
    return found


async def note_defect(
    work: Work, caller: Caller, now: datetime, ticket_id: UUID, defect: Defect
) -> TicketDefect:
    """Note what broke, or put right what was noted; each change is a line that employees read.

    Raises:
        NotFound: the caller sees no such ticket.
        NotAllowed: `not_your_move`.
        Invalid: `company_unknown`.
    """
    ticket = await ticket_to_serve(work, caller, now, ticket_id)
    if (
        defect.company_id is not None
        and await sites.company_of(work, ticket.project_id, defect.company_id) is None
    ):
        raise Invalid("company_unknown", field="company")
    found = await work.get(TicketDefect, ticket.id, populate_existing=True)
    facts = {
        "component": defect.component,
        "company_id": defect.company_id,
        "cause": defect.cause,
        "lesson": defect.lesson,
    }
    if found is not None and all(getattr(found, name) == value for name, value in facts.items()):
        return found
    if found is None:
        found = TicketDefect(ticket_id=ticket.id)
        work.add(found)
    for name, value in facts.items():
        setattr(found, name, value)
    found.noted_by, found.noted_at = caller.account_id, now
    await work.flush()
    body = facts | {"company_id": str(defect.company_id) if defect.company_id else None}
    await append(work, NewEntry(ticket.thread_id, "defect_noted", body, caller.account_id, "staff"))
    return found
