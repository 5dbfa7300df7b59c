"""Whose a case is: the position of its category at the nearest node, and who of it is on duty (HC-05, HC-21, CT-39)."""

from datetime import datetime
from uuid import UUID

from backend.core.clock import local_date
from backend.core.errors import Conflict
from backend.db.work import Work
from backend.features.hotline.models import Case
from backend.features.hotline.repository import cases
from backend.features.hotline.rules.choosing import Choice, Holder, choose, ladder
from backend.features.hotline.rules.words import RESPONSIBLE, Category
from backend.features.roster.service import on_duty_at
from backend.features.standard.service import stored

CHAIN = "hotline"
"""The chain of the standard that calls for cases; its step by category names the responsible positions."""


async def role_for(work: Work, standard_version_id: UUID | None, category: Category) -> str:
    """The position that answers for a category: as the case's standard has it."""
    if standard_version_id is not None:
        standard = (await stored(work, standard_version_id)).document
        for step in (step for chain in standard.chains if chain.code == CHAIN for step in chain.steps):
            if category in step.by_category:
                return step.by_category[category]
    return RESPONSIBLE[category]


async def assign(work: Work, now: datetime, case: Case, category: Category) -> Choice:
    """Who gets a case that is there, by its category; never whom it is about."""
    kept_from = (await cases.barred(work, [case.id]))[case.id]
    return await choose_for(work, now, case.node_id, case.standard_version_id, category, kept_from)


async def choose_for(
    work: Work,
    now: datetime,
    node_id: UUID,
    standard_version_id: UUID | None,
    category: Category,
    kept_from: frozenset[UUID],
) -> Choice:
    """Who gets a case at a node, by its category."""
    role = await role_for(work, standard_version_id, category)
    return choose(role, await holders_of(work, now, node_id, ladder(role)), kept_from)


async def holders_of(work: Work, now: datetime, node_id: UUID, roles: tuple[str, ...]) -> list[Holder]:
    """Who holds these roles at a node or above it, and who of them is on duty now."""
    rows = await cases.holders(work, node_id, roles, local_date(now))
    duty = await on_duty_at(work, [(node_id, role) for role in roles], now)
    on = {(one.account_id, one.role) for found in duty.values() for one in found}
    return [
        Holder(row.account_id, row.name, row.role, row.distance, (row.account_id, row.role) in on, row.load)
        for row in rows
    ]


async def named(
    work: Work,
    now: datetime,
    case: Case,
    category: Category,
    account_id: UUID,
    kept_from: frozenset[UUID],
    by: UUID,
) -> Choice:
    """A person of the position that answers for a category, or of those above it, as somebody names them.

    Raises:
        Conflict: `not_responsible`: they do not hold it there, or are kept from the case.
    """
    role = await role_for(work, case.standard_version_id, category)
    found = await holders_of(work, now, case.node_id, ladder(role))
    chosen = next((one for one in found if one.account_id == account_id), None)
    if chosen is None or chosen.account_id in kept_from:
        raise Conflict("not_responsible", field="responsible_id")
    return Choice(chosen.role, chosen.account_id, chosen.name, {"named_by": str(by)})
