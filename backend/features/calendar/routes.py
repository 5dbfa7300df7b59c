"""Working time: reading it, asking when something is due, and setting it."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from backend.core.errors import Invalid
from backend.core.paging import decode_cursor, encode_cursor
from backend.core.wire import Page
from backend.features.calendar import schemas, service
from backend.platform import calendar as working
from backend.platform.http.caller import SignedIn, Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

calendar = router(tag="calendar")

_LONGEST = timedelta(days=400)
_MOVES = 100
Number = Annotated[int, Path(ge=1, le=2_147_483_647)]


@calendar.get("/calendar", responses=problems(401, 403, 404))
async def read_calendar(
    process: Here,
    work: Uow,
    caller: SignedIn,
    response: Response,
    project: UUID,
    first: Annotated[date, Query(alias="from", description="The first day.")],
    last: Annotated[date, Query(alias="to", description="The last day; at most 400 in all.")],
) -> schemas.WorkingCalendar:
    """A project's working time, day by day: for whoever lives there and for staff."""
    found = await service.calendar_seen(work, caller, process.clock.now(), project)
    if last - first >= _LONGEST:
        raise Invalid("range_too_long", field="to", limit=_LONGEST.days)
    listed = working.days(found, first, last)
    response.headers["etag"] = version_tag(found.version)
    return schemas.WorkingCalendar(
        project=project,
        time_zone=found.zone.key,
        hours_set=found.hours_set,
        observes_holidays=found.observes_holidays,
        version=found.version,
        days=[schemas.CalendarDay.model_validate(day) for day in listed],
    )


@calendar.post("/calendar/due", responses=problems(401, 403, 404))
async def explain_due(
    asked: schemas.DueAsked, process: Here, work: Uow, caller: SignedIn
) -> schemas.DueExplained:
    """When a promise made now or at another time is due, interval by interval. Nothing is promised by asking."""
    found = await service.calendar_seen(work, caller, process.clock.now(), asked.project)
    due = working.due(found, asked.start, asked.rule)
    return schemas.DueExplained(
        due=due.moment,
        day=due.day,
        provisional=due.provisional,
        hours_set=due.hours_set,
        time_zone=found.zone.key,
        version=found.version,
        counted=[schemas.Interval.model_validate(interval) for interval in due.counted],
    )


@calendar.get("/calendar/hours", responses=problems(401, 403, 404))
async def read_hours(
    process: Here, work: Uow, caller: Staff, response: Response, node: UUID
) -> schemas.NodeHours:
    """The hours a node of the tree goes by, and where they are set."""
    found = _hours(await service.hours_seen(work, caller, process.clock.now(), node))
    response.headers["etag"] = version_tag(found.version)
    return found


@calendar.put("/calendar/hours", responses=problems(401, 403, 412))
async def set_hours(
    asked: schemas.HoursSet,
    process: Here,
    work: Uow,
    caller: Staff,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.CalendarVersion:
    """Set a node's weekly hours. No promise moves by it: `moved` lists those that would. Administrators only."""
    held = _hours(await service.hours_to_edit(work, caller, process.clock.now(), asked.node))
    check_version(if_match, held.version, held.model_dump(mode="json"))
    days = [
        [working.read_shift(one.opens, one.closes, f"week.{name}.{n}") for n, one in enumerate(shifts)]
        for name, shifts in asked.week
    ]
    hours = working.Hours(working.make_week(days, "week"), asked.observes_holidays, asked.time_zone)
    made = await service.set_hours(
        work, process.clocks, caller, asked.node, hours, reason=asked.reason, moves=_MOVES + 1
    )
    response.headers["etag"] = version_tag(made.version.number)
    return _version(made, _MOVES)


@calendar.put("/calendar/overrides", responses=problems(401, 403, 412))
async def set_overrides(
    asked: schemas.OverridesSet,
    process: Here,
    work: Uow,
    caller: Staff,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.CalendarVersion:
    """Set days of a node, all or none. No promise moves by it: `moved` lists those that would. Administrators only."""
    held = _hours(await service.hours_to_edit(work, caller, process.clock.now(), asked.node))
    check_version(if_match, held.version, held.model_dump(mode="json"))
    made = await service.set_overrides(
        work,
        process.clocks,
        caller,
        asked.node,
        _overrides(asked.days),
        reason=asked.reason,
        moves=_MOVES + 1,
    )
    response.headers["etag"] = version_tag(made.version.number)
    return _version(made, _MOVES)


@calendar.get("/calendar/versions/{number}", responses=problems(401, 403, 404))
async def read_version(
    process: Here, work: Uow, caller: Staff, number: Number, limit: Limit = _MOVES, cursor: Cursor = None
) -> schemas.CalendarVersion:
    """Who changed what, when and why, and the running clocks it would move. Administrators only."""
    after = decode_cursor(cursor, tuple[UUID])
    found = await service.version_seen(
        work, caller, process.clock.now(), number, after[0] if after else None, limit + 1
    )
    return _version(found, limit)


@calendar.post("/calendar/versions/{number}/revisions", responses=problems(401, 403, 404, 409))
async def revise_promises(
    asked: schemas.RevisionAsked, process: Here, work: Uow, caller: Staff, number: Number
) -> schemas.Revision:
    """Decide that promises move as a version would have them: each gets an entry. Administrators only."""
    if (asked.subjects is None) != asked.all:
        raise Invalid("subjects_or_all", field="subjects")
    now = process.clock.now()
    done = await service.revise(work, process.clocks, caller, now, number, asked.subjects, asked.reason)
    return schemas.Revision(revised=len(done.revised), passed_over=done.passed_over)


@calendar.get("/calendar/not-set", responses=problems(401, 403))
async def list_projects_without_hours(
    process: Here, work: Uow, caller: Staff, limit: Limit = 50, cursor: Cursor = None
) -> Page[schemas.ProjectWithoutHours]:
    """My projects whose hours nobody has set: they go by a placeholder, and every answer says so."""
    after = decode_cursor(cursor, tuple[str, UUID])
    found = await service.projects_without_hours(work, caller, process.clock.now(), after, limit + 1)
    return page_of(
        found,
        limit,
        show=schemas.ProjectWithoutHours.model_validate,
        key=lambda project: (project.name, project.id),
    )


def _overrides(days: list[schemas.OverriddenDay]) -> dict[date, working.Override | None]:
    wanted: dict[date, working.Override | None] = {}
    for number, one in enumerate(days):
        field = f"days.{number}"
        if one.day in wanted:
            raise Invalid("day_twice", field=f"{field}.day", value=one.day.isoformat())
        if one.shifts is None:
            wanted[one.day] = None
            continue
        shifts = [
            working.read_shift(shift.opens, shift.closes, f"{field}.shifts.{n}")
            for n, shift in enumerate(one.shifts)
        ]
        wanted[one.day] = working.Override(working.in_order(shifts, f"{field}.shifts"), one.name)
    return wanted


def _hours(held: service.NodeHours) -> schemas.NodeHours:
    shown = None
    if held.week is not None:
        shown = schemas.HoursShown(
            time_zone=held.time_zone,
            week=schemas.Week.model_validate(working.spell_week(held.week)),
            observes_holidays=held.observes_holidays,
        )
    return schemas.NodeHours(
        node=held.node, set_at=held.set_at, hours=shown, words=held.words, version=held.version
    )


def _version(found: working.Publication, limit: int) -> schemas.CalendarVersion:
    version, moved = found.version, found.moved[:limit]
    return schemas.CalendarVersion(
        number=version.number,
        node=version.node_id,
        act=version.act,
        change=schemas.Change.model_validate(version.change),
        reason=version.reason,
        published_by=version.published_by,
        published_at=version.published_at,
        moved_count=found.moved_count,
        moved=[
            schemas.Moved(
                clock=one.clock_id,
                subject_kind=one.subject_kind,
                subject=one.subject_id,
                node=one.node_id,
                name=one.name,
                start=one.started_at,
                rule=working.read_rule(one.rule),
                calendar_version=one.counted_by,
                old_due=one.old_due,
                new_due=one.new_due,
                provisional=one.provisional,
                revised_at=one.revised_at,
                revised_by=one.revised_by,
                revision_reason=one.revision_reason,
            )
            for one in moved
        ],
        next=encode_cursor(moved[-1].clock_id) if len(found.moved) > limit else None,
    )
