"""Absences, who stands in, and extra duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.people.service import scope_of
from backend.features.roster.models import RosterOverride
from backend.features.roster.repository import overrides as repository
from backend.features.roster.repository.overrides import Filter
from backend.features.roster.repository.plans import place_within
from backend.features.roster.repository.posts import posts_locked
from backend.features.roster.rules import Kind, held_between, stand_in_fault


@dataclass(frozen=True, slots=True)
class OverrideEntered:
    """An override to be entered; `until` None: until it is ended."""

    position_id: UUID
    kind: Kind
    since: datetime
    until: datetime | None
    stand_in_id: UUID | None
    reason: str


async def overrides_page(
    work: Work,
    caller: Caller,
    now: datetime,
    wanted: Filter,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """Overrides of positions in the caller's scope, past and ended ones too, the last to start first.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    scope = await scope_of(work, caller, "see_estate", now)
    return await repository.overrides_page(work, scope, wanted, after, limit)


async def enter_override(work: Work, caller: Caller, now: datetime, wanted: OverrideEntered) -> Any:
    """Say that a position is absent for a time, and who stands in; or that it has extra duty.

    Raises:
        NotAllowed: `not_in_your_role`.
        Invalid: `position_unknown`, `position_not_then`, `extra_duty_ends`, `stand_in_for_absence_only`,
        `times_reversed`, `override_in_the_past`, `stand_in_unknown`, and `StandInFault`.
        Conflict: `stands_in_then`: the absent one stands in for somebody; `override_overlaps`.
    """
    scope = await scope_of(work, caller, "oversee", now)
    place = await place_within(work, wanted.position_id, scope)
    if place is None:
        raise Invalid("position_unknown", field="position")
    _check_times(wanted, now)
    concerned = [one for one in (wanted.position_id, wanted.stand_in_id) if one is not None]
    # By the overrides from its beginning on: one that starts in the past meets those of the past.
    posts = await posts_locked(work, concerned, min(now, wanted.since))
    if not held_between(posts[place.position_id], wanted.since, wanted.until):
        raise Invalid("position_not_then", field="position")
    if wanted.stand_in_id is not None:
        if (stand_in := posts.get(wanted.stand_in_id)) is None:
            raise Invalid("stand_in_unknown", field="stand_in")
        fault = stand_in_fault(posts[place.position_id], place.path, stand_in, wanted.since, wanted.until)
        if fault is not None:
            raise Invalid(fault, field="stand_in")
    if wanted.kind == "absent" and await repository.stands_in_between(
        work, place.position_id, wanted.since, wanted.until
    ):
        raise Conflict("stands_in_then")
    override = RosterOverride(
        id=new_id(),
        position_id=place.position_id,
        kind=wanted.kind,
        starts_at=wanted.since,
        ends_at=wanted.until,
        stand_in_id=wanted.stand_in_id,
        reason=wanted.reason,
        entered_by=caller.account_id,
    )
    work.add(override)
    try:
        await work.flush()
    except IntegrityError as error:
        if "ex_roster_override_one_at_a_time" in str(error.orig):
            raise Conflict("override_overlaps") from None
        raise
    return await repository.override_shown(work, override.id, scope)


def _check_times(wanted: OverrideEntered, now: datetime) -> None:
    if wanted.kind == "extra":
        if wanted.until is None:
            raise Invalid("extra_duty_ends", field="until")
        if wanted.stand_in_id is not None:
            raise Invalid("stand_in_for_absence_only", field="stand_in")
    if wanted.until is not None:
        if wanted.until <= wanted.since:
            raise Invalid("times_reversed", field="until")
        if wanted.until <= now:
            raise Invalid("override_in_the_past", field="until")


async def end_override(work: Work, caller: Caller, now: datetime, override_id: UUID) -> Any:
    """End an override now, or before it begins. It stays on record.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such override there.
        Conflict: `override_over`.
    """
    scope = await scope_of(work, caller, "oversee", now)
    if await repository.override_shown(work, override_id, scope) is None:
        raise NotFound()
    override = await repository.override_locked(work, override_id)
    if override.ended_at is not None or (override.ends_at is not None and override.ends_at <= now):
        raise Conflict("override_over")
    override.ended_at, override.ended_by = now, caller.account_id
    await work.flush()
    return await repository.override_shown(work, override_id, scope)
