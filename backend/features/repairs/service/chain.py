"""A clock of a ticket is in danger: who is added. A handler that the composition root registers.

It adds people and never takes the ticket from its engineer (RP-04). Until escalation chains exist, the first along the
standard's chain who is on duty is added, once a clock and occasion.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from backend.db.work import Work
from backend.features.repairs.models import Ticket
from backend.features.roster.service import OnDuty, on_duty, shift_of
from backend.features.standard.service import stored

_CHAIN: Final = "hotline"
_CATEGORY: Final = "works"
"""Whom a step that goes by category means for a repair (HC-08, SN-46)."""


@dataclass(frozen=True, slots=True)
class Added:
    """Somebody who is added to a ticket."""

    account_id: UUID
    name: str | None
    role: str


class InDanger(Protocol):
    """Who is added to a ticket one of whose clocks is late, or nearly so while its engineer is away."""

    async def __call__(self, work: Work, now: datetime, ticket: Ticket) -> list[Added]:
        """Those to be added; empty: nobody is on duty."""


async def add_along_the_chain(work: Work, now: datetime, ticket: Ticket) -> list[Added]:
    """The first role of the chain, beyond the agents of the hotline, for which somebody else is on duty."""
    if ticket.standard_version_id is None:
        return []
    standard = (await stored(work, ticket.standard_version_id)).document
    steps = [step for chain in standard.chains if chain.code == _CHAIN for step in chain.steps[1:]]
    for role in (step.role or step.by_category.get(_CATEGORY) for step in steps):
        if role is None:
            continue
        found = await on_duty(work, ticket.node_id, role, now)
        if added := [_added(one) for one in found if one.account_id != ticket.engineer_id]:
            return added[:1]
    return []


async def is_away(work: Work, now: datetime, ticket: Ticket) -> bool:
    """Whether a ticket's engineer is off duty now, or has left."""
    if ticket.engineer_id is None:
        return True
    return not any(one.role == "repair_engineer" for one in await shift_of(work, ticket.engineer_id, now))


def _added(one: OnDuty) -> Added:
    return Added(one.account_id, one.name, one.role)
