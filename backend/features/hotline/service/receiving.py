"""Who is told of a case that has come in: its household, whoever has it, or the desk that is to dispatch it."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.db.work import Work
from backend.features.hotline.models import Case
from backend.features.hotline.repository import cases
from backend.features.hotline.rules.choosing import Choice
from backend.features.hotline.service.acting import SUBJECT
from backend.features.hotline.service.parts import HOUSEHOLD
from backend.features.notices.service import About, Telling
from backend.features.roster.service import on_duty_at

DESK: Final = ("hotline_agent", "complaint_specialist", "customer_service_specialist")
"""Who classifies and dispatches what others took in (HC-04, HC-26): whoever of them is on duty hears of it."""


async def told(
    work: Work, now: datetime, case: Case, choice: Choice | None, kept_from: frozenset[UUID], me: UUID
) -> list[Telling]:
    """What is told whom. Whoever takes it in knows already; whom it is about never hears of it."""
    about = About(SUBJECT, case.id, case.thread_id)
    key, number = f"case:{case.id}:opened", {"number": case.number}
    household = [one for one in await cases.household(work, case.id, HOUSEHOLD) if one != me]
    told_of = [Telling("case_opened", household, number, about, key)]
    if case.state == "received":
        desk = (await desk_of(work, now, [case.node_id]))[case.node_id]
        told_of.append(Telling("case_received", sorted(desk - kept_from - {me}), number, about, key))
    elif choice is not None and choice.account_id not in {None, me}:
        assert choice.account_id is not None
        told_of.append(Telling("case_assigned", [choice.account_id], number, about, key))
    if case.informed_roles:
        has_it = set() if choice is None or choice.account_id is None else {choice.account_id}
        besides = await informed_of(work, now, case, case.informed_roles, kept_from | has_it | {me})
        told_of.append(Telling("case_informed", besides, number, about, key))
    return [one for one in told_of if one.accounts]


async def informed_of(
    work: Work, now: datetime, case: Case, roles: Collection[str], kept_from: Collection[UUID]
) -> list[UUID]:
    """Who of the positions that are informed of a dispatch is on duty there, and is not kept from it (HC-21)."""
    found = await on_duty_at(work, [(case.node_id, role) for role in sorted(set(roles))], now)
    return sorted({one.account_id for duty in found.values() for one in duty} - set(kept_from))


async def desk_of(work: Work, now: datetime, nodes: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Who of the desk is on duty for these nodes now."""
    found = await on_duty_at(work, [(node, role) for node in sorted(nodes) for role in DESK], now)
    return {node: {one.account_id for role in DESK for one in found.get((node, role), ())} for node in nodes}
