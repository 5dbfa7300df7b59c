"""A clock of a ticket is in danger: a chain calls people until an act ends it (CT-05). Whoever is called is added.

The chain adds people and never takes the ticket from its engineer (RP-04).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.db.work import Work
from backend.features.escalation.service import Danger, Made, in_danger_since
from backend.features.repairs.models import Ticket, TicketClock
from backend.features.repairs.repository import joining
from backend.features.repairs.service.acting import SUBJECT
from backend.features.roster.service import shifts_of
from backend.platform.threads import NewEntry, append_many

_CATEGORY: Final = "works"
"""Whom a step that goes by category means for a repair (HC-08, SN-46)."""


def danger(ticket: Ticket, clock: TicketClock, *, away: bool) -> Danger | None:
    """What a chain begins under: from the last warning of a clock on; from any, while nobody repairs it who is there.

    None: it is not in danger yet, or the ticket goes by no standard.
    """
    if ticket.standard_version_id is None:
        return None
    first = in_danger_since(clock, soon=away)
    if first is None:
        return None
    return Danger(
        clock.id,
        clock.code,
        SUBJECT,
        ticket.id,
        number_of(ticket.id),
        ticket.thread_id,
        ticket.node_id,
        ticket.standard_version_id,
        clock.starts_at,
        clock.due_at,
        clock.rule,
        first,
        category=_CATEGORY,
    )


def number_of(ticket_id: UUID) -> str:
    """What a page calls a ticket: the end of its id, as it is shown beside it."""
    return f"R-{ticket_id.hex[-6:].upper()}"


async def join_called(work: Work, made: Sequence[Made]) -> None:
    """Whoever is called beyond the agents of the hotline joins the ticket, once: everybody who sees it is told so."""
    called = {(one.thread_id, one.account_id): one for one in made if one.step > 0}
    there = await joining.joined(work, [thread for thread, _ in called])
    await append_many(
        work,
        [
            NewEntry(
                one.thread_id,
                "joined",
                {"account": str(one.account_id), "name": one.name, "role": one.role, "clock": one.clock},
                None,
            )
            for key, one in called.items()
            if key not in there
        ],
    )


async def unattended_of(work: Work, now: datetime, tickets: Sequence[Ticket]) -> set[UUID]:
    """Of these tickets those whose engineer is off duty now, or has left, or that have none. One look for all."""
    engineers = {one.engineer_id for one in tickets if one.engineer_id is not None}
    shifts = await shifts_of(work, engineers, now) if engineers else {}
    there = {who for who, held in shifts.items() if any(one.role == "repair_engineer" for one in held)}
    return {one.id for one in tickets if one.engineer_id not in there}
