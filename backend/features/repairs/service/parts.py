"""In what part somebody acts on a ticket, and what stands of its evidence."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.db.work import Work
from backend.features.people.service import HOUSEHOLD_ROLES, household_sees, roles_that_may
from backend.features.repairs.models import Ticket
from backend.features.repairs.repository import tickets
from backend.features.repairs.rules.gates import Standing
from backend.features.repairs.rules.states import Part

HOUSEHOLD: Final = tuple(role for role in HOUSEHOLD_ROLES if household_sees(role, "repairs"))
SEE: Final = tuple(roles_that_may("see_people"))
SERVE: Final = tuple(roles_that_may("serve_repairs"))
OVERSEE: Final = tuple(roles_that_may("oversee"))
"""Roles that see a home's tickets, serve its repairs, oversee them."""


async def addressees(work: Work, ticket_ids: Collection[UUID]) -> Mapping[UUID, Collection[UUID]]:
    """Whom a line on the thread of a ticket is for, whether or not they have ever opened it."""
    return await tickets.addressees(work, sorted(ticket_ids), HOUSEHOLD)


@dataclass(frozen=True, slots=True)
class Acts:
    """The caller's parts in a ticket, their name, and its evidence."""

    parts: frozenset[Part]
    name: str | None
    stands: Standing


async def acts_on(work: Work, caller: Caller, now: datetime, ticket: Ticket) -> Acts:
    """In what part the caller acts.

    Raises:
        NotFound: they do not see it.
    """
    found = await tickets.facts(
        work,
        {
            "id": ticket.id,
            "account_id": caller.account_id,
            "household": list(HOUSEHOLD),
            "see": list(SEE),
            "serve": list(SERVE),
            "oversee": list(OVERSEE),
            "today": local_date(now),
        },
    )
    if not (found.lives if caller.kind == "owner" else found.sees):
        raise NotFound()
    return Acts(_parts(caller, ticket, found), found.caller_name, _stands(ticket, found))


def _parts(caller: Caller, ticket: Ticket, found: Any) -> frozenset[Part]:
    if caller.kind == "owner":
        return frozenset({"owner"})
    if caller.account_id == ticket.engineer_id:
        return frozenset({"engineer"})
    # Whoever handled it once does not judge it either (CT-30).
    if found.had_it:
        return frozenset()
    parts: set[Part] = set()
    if found.serves:
        parts.add("desk")
    if found.oversees:
        parts.add("manager")
    return frozenset(parts)


def _stands(ticket: Ticket, found: Any) -> Standing:
    return Standing(
        urgent=ticket.urgent,
        proposed=ticket.proposed,
        covered=frozenset(found.covered),
        livable=ticket.livable,
        living=found.living,
        finished=found.finished,
        cleaning_booked=found.cleaning_booked,
        cleaning_ticked=found.cleaning_ticked,
        signed=found.signed,
        consented=found.consented,
        engineers=found.engineers,
    )
