"""In what part somebody acts on a case, and what stands of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.db.work import Work
from backend.features.hotline.models import Case
from backend.features.hotline.repository import cases
from backend.features.hotline.rules.gates import Standing
from backend.features.hotline.rules.states import Part
from backend.features.people.service import HOUSEHOLD_ROLES, household_sees, roles_that_may

HOUSEHOLD: Final = tuple(role for role in HOUSEHOLD_ROLES if household_sees(role, "cases"))
SEE: Final = tuple(roles_that_may("see_people"))
HANDLE: Final = tuple(roles_that_may("handle_cases"))
OVERSEE: Final = tuple(roles_that_may("oversee"))
"""Roles that see a home's cases, take and handle them, oversee them."""


async def addressees(work: Work, case_ids: Collection[UUID]) -> Mapping[UUID, Collection[UUID]]:
    """Whom a line on the thread of a case is for, whether or not they have ever opened it."""
    return await cases.addressees(work, sorted(case_ids), HOUSEHOLD)


@dataclass(frozen=True, slots=True)
class Acts:
    """The caller's parts in a case, their name, and what stands of it."""

    parts: frozenset[Part]
    name: str | None
    stands: Standing


async def acts_on(work: Work, caller: Caller, now: datetime, case: Case) -> Acts:
    """In what part the caller acts.

    Raises:
        NotFound: they do not see it; whom it is about sees it in no part.
    """
    found = await cases.facts(
        work,
        {
            "id": case.id,
            "account_id": caller.account_id,
            "household": list(HOUSEHOLD),
            "see": list(SEE),
            "handle": list(HANDLE),
            "oversee": list(OVERSEE),
            "today": local_date(now),
        },
    )
    if not (found.lives if caller.kind == "owner" else found.sees):
        raise NotFound()
    return Acts(_parts(caller, case, found), found.caller_name, standing(case, dated=found.dated))


def _parts(caller: Caller, case: Case, found: Any) -> frozenset[Part]:
    if caller.kind == "owner":
        return frozenset({"owner"})
    parts: set[Part] = set()
    if found.handles:
        parts.add("desk")
    if found.answers or caller.account_id == case.responsible_id:
        parts.add("department")
    if found.oversees:
        parts.add("manager")
    if not found.handled and caller.account_id != case.responsible_id:
        parts.add("visitor")
    return frozenset(parts)


def standing(case: Case, *, dated: bool) -> Standing:
    """What stands of a case. `dated`: a date of completion is agreed in its present round."""
    return Standing(
        positions=case.customer_position is not None and case.company_position is not None,
        settled=case.state == "agreed" or case.kind == "service_order",
        dated=dated,
        answerable=case.kind != "complaint" or case.common_part or not case.contactable,
        judged_invalid=case.validity == "invalid",
        paused=case.paused_for is not None,
    )
