"""Shifts of a position: who reads and who sets them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Invalid, NotFound
from backend.db.work import Work
from backend.features.people.service import scope_of
from backend.features.roster.models import RosterPlan
from backend.features.roster.repository import plans as repository
from backend.features.roster.repository.plans import Place
from backend.features.roster.repository.posts import posts_locked
from backend.features.roster.rules import Shift, overlapping


@dataclass(frozen=True, slots=True)
class Plan:
    """The shifts of a position as they stand; `version` 0 and no shifts while nobody has set any."""

    place: Place
    version: int
    shifts: list[Shift]
    reason: str | None = None
    set_by: UUID | None = None
    set_by_name: str | None = None
    set_at: datetime | None = None


async def place_of(work: Work, caller: Caller, now: datetime, position_id: UUID, *, to_manage: bool) -> Place:
    """A position that the caller sees, or manages.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such position there.
    """
    scope = await scope_of(work, caller, "oversee" if to_manage else "see_estate", now)
    place = await repository.place_within(work, position_id, scope)
    if place is None:
        raise NotFound()
    return place


async def plan_of(work: Work, caller: Caller, now: datetime, position_id: UUID) -> Plan:
    """The shifts of a position in the caller's scope. Raises as `place_of`."""
    return await _plan(work, await place_of(work, caller, now, position_id, to_manage=False))


async def plan_to_set(work: Work, caller: Caller, now: datetime, position_id: UUID) -> Plan:
    """The shifts of a position whose roster the caller sets; nobody else does until the unit of work ends.

    Raises as `place_of`.
    """
    place = await place_of(work, caller, now, position_id, to_manage=True)
    await posts_locked(work, [position_id], now)
    return await _plan(work, place)


async def _plan(work: Work, place: Place) -> Plan:
    found = await repository.newest_plan(work, place.position_id)
    if found is None:
        return Plan(place, 0, [])
    plan, name = found
    shifts = await repository.shifts_of(work, plan)
    return Plan(place, plan.number, shifts, plan.reason, plan.set_by, name, plan.set_at)


async def set_shifts(
    work: Work, actor: UUID | None, now: datetime, held: Plan, shifts: Sequence[Shift], reason: str
) -> Plan:
    """These are the shifts of a position that `plan_to_set` has found, from now on. What stood before is kept.

    Raises:
        Invalid: `dates_reversed`, `shifts_overlap`.
    """
    for place, shift in enumerate(shifts):
        if shift.since is not None and shift.until is not None and shift.until <= shift.since:
            raise Invalid("dates_reversed", field=f"shifts.{place}.until")
    if (crossing := overlapping(shifts)) is not None:
        raise Invalid("shifts_overlap", field=f"shifts.{crossing}")
    plan = RosterPlan(
        position_id=held.place.position_id, number=held.version + 1, reason=reason, set_by=actor, set_at=now
    )
    await repository.write_plan(work, plan, shifts)
    return await _plan(work, held.place)
