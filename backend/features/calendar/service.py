"""The door of the calendar's feature: who sees which calendar, who sets it, who decides what it moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotFound
from backend.db.work import Work
from backend.features.estate.service import find_project, lives_below
from backend.features.people.service import scope_of
from backend.platform import calendar
from backend.platform.tree import Node, node_within


@dataclass(frozen=True, slots=True)
class NodeHours:
    """What hours a node goes by. `set_at` is the node that has them; `week` and `set_at` are None while nobody set any.

    `words`: read from these words of a project's fact. `version` is the newest that touches the node's calendar.
    """

    node: UUID
    set_at: UUID | None
    time_zone: str
    week: calendar.Week | None
    observes_holidays: bool
    words: str | None
    version: int


async def calendar_seen(work: Work, caller: Caller, now: datetime, project_id: UUID) -> calendar.Calendar:
    """The calendar of a project: for whoever lives there, and for staff whose scope reaches it.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project for this caller.
    """
    if caller.kind == "staff":
        await find_project(work, caller, now, project_id)
    else:
        node = await work.get(Node, project_id)
        if (
            node is None
            or node.kind != "project"
            or not await lives_below(work, [node.id], caller.account_id)
        ):
            raise NotFound()
    return await calendar.calendar_of(work, project_id)


async def hours_seen(work: Work, caller: Caller, now: datetime, node_id: UUID) -> NodeHours:
    """The hours of a node in the caller's scope.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such node there.
    """
    if await node_within(work, node_id, await scope_of(work, caller, "see_estate", now)) is None:
        raise NotFound()
    return await _hours(work, node_id)


async def hours_to_edit(work: Work, caller: Caller, now: datetime, node_id: UUID) -> NodeHours:
    """The hours of a node whose calendar the caller may set; nobody else publishes until the unit of work ends.

    Raises:
        NotAllowed: `not_in_your_role`.
        Invalid: `node_unknown`.
    """
    if await node_within(work, node_id, await scope_of(work, caller, "manage_calendar", now)) is None:
        raise Invalid("node_unknown", field="node")
    await calendar.take_turns(work)
    return await _hours(work, node_id)


async def set_hours(
    work: Work,
    clocks: calendar.ClockProviders,
    caller: Caller,
    node_id: UUID,
    hours: calendar.Hours,
    *,
    reason: str,
    moves: int,
) -> calendar.Publication:
    """Publish the hours of a node that `hours_to_edit` has found; the answer names `moves` of the clocks it would move.

    Raises:
        Invalid: as `calendar.publish_hours`.
    """
    made = await calendar.publish_hours(work, clocks, node_id, hours, reason=reason, actor=caller.account_id)
    return await _published(work, made.number, None, moves)


async def set_overrides(
    work: Work,
    clocks: calendar.ClockProviders,
    caller: Caller,
    node_id: UUID,
    days: Mapping[date, calendar.Override | None],
    *,
    reason: str,
    moves: int,
) -> calendar.Publication:
    """Publish overrides of a node that `hours_to_edit` has found, likewise.

    Raises:
        Invalid: as `calendar.publish_overrides`.
    """
    made = await calendar.publish_overrides(
        work, clocks, node_id, days, reason=reason, actor=caller.account_id
    )
    return await _published(work, made.number, None, moves)


async def version_seen(
    work: Work, caller: Caller, now: datetime, number: int, after: UUID | None, limit: int
) -> calendar.Publication:
    """A version of a calendar that the caller may set, with a page of what it would move.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such version there.
    """
    scope = await scope_of(work, caller, "manage_calendar", now)
    found = await calendar.publication(work, number, after, limit)
    if found is None or await node_within(work, found.version.node_id, scope) is None:
        raise NotFound()
    return found


async def revise(
    work: Work,
    clocks: calendar.ClockProviders,
    caller: Caller,
    now: datetime,
    number: int,
    subjects: Sequence[UUID] | None,
    reason: str,
) -> calendar.Revision:
    """Decide that clocks of these subjects (None: of all) move as a version would have them.

    Raises:
        NotAllowed, NotFound: as for `version_seen`.
        Conflict: `nothing_to_revise`.
    """
    await version_seen(work, caller, now, number, None, 1)
    revision = await calendar.revise_clocks(
        work, clocks, number, subjects, reason=reason, actor=caller.account_id, now=now
    )
    if not revision.revised and not revision.passed_over:
        raise Conflict("nothing_to_revise")
    return revision


async def projects_without_hours(
    work: Work, caller: Caller, now: datetime, after: tuple[str, UUID] | None, limit: int
) -> Sequence[Any]:
    """A page of the projects in the caller's scope that go by the placeholder, by name.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    scope = await scope_of(work, caller, "see_estate", now)
    return await calendar.projects_without_hours(work, scope, after, limit)


async def _hours(work: Work, node_id: UUID) -> NodeHours:
    hours = await calendar.hours_at(work, node_id)
    used = await calendar.calendar_of(work, node_id)
    return NodeHours(
        node=node_id,
        set_at=hours.node_id if hours else None,
        time_zone=used.zone.key,
        week=used.week if hours else None,
        observes_holidays=used.observes_holidays,
        words=hours.words if hours else None,
        version=used.version,
    )


async def _published(work: Work, number: int, after: UUID | None, limit: int) -> calendar.Publication:
    found = await calendar.publication(work, number, after, limit)
    assert found is not None
    return found
