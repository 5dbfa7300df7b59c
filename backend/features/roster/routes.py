"""Rosters: who is on duty, shifts of positions, and overrides."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from backend.core.paging import decode_cursor
from backend.core.wire import Instant, Line, Page
from backend.features.people.service import ROLES
from backend.features.roster import schemas, service
from backend.platform.calendar import read_shift, spell
from backend.platform.http.caller import Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

rosters = router(tag="rosters")


@rosters.get("/roster", responses=problems(401, 403, 404))
async def read_roster(
    process: Here,
    work: Uow,
    caller: Staff,
    project: UUID,
    role: Line,
    at: Annotated[
        Instant | None, Query(description="Now when left out; a past roster is as it stood.")
    ] = None,
) -> schemas.Roster:
    """Who is on duty for a project with a role, until when and why, and who is next.

    Asked is the nearest node, going up from the project to the company, at which anybody is on duty.
    """
    now = process.clock.now()
    found = await service.roster_seen(work, caller, now, project, role, at or now)
    return schemas.Roster(
        project=project,
        role=role,
        role_name=ROLES[role].name,
        at=found.at,
        on_duty=[_on_duty(one) for one in found.on_duty],
        passed=[schemas.Passed(node=one.node_id, why=one.why) for one in found.passed],
        changes_at=found.changes_at,
        next=[_on_duty(one) for one in found.next],
    )


@rosters.get("/positions/{position_id}/shifts", responses=problems(401, 403, 404))
async def read_shifts(
    position_id: UUID, process: Here, work: Uow, caller: Staff, response: Response
) -> schemas.Shifts:
    """The weekly shifts of a position, and who set them."""
    found = await service.plan_of(work, caller, process.clock.now(), position_id)
    response.headers["etag"] = version_tag(found.version)
    return _shifts(found)


@rosters.put("/positions/{position_id}/shifts", responses=problems(401, 403, 404, 412))
async def set_shifts(
    position_id: UUID,
    asked: schemas.ShiftsSet,
    process: Here,
    work: Uow,
    caller: Staff,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Shifts:
    """Set all shifts of a position at or below a node that I manage. What stood before is kept on record."""
    now = process.clock.now()
    held = await service.plan_to_set(work, caller, now, position_id)
    check_version(if_match, held.version, _shifts(held).model_dump(mode="json"))
    wanted = [_read(shift, f"shifts.{place}.closes") for place, shift in enumerate(asked.shifts)]
    found = await service.set_shifts(work, caller.account_id, now, held, wanted, asked.reason)
    response.headers["etag"] = version_tag(found.version)
    return _shifts(found)


@rosters.get("/roster/overrides", responses=problems(401, 403))
async def list_overrides(
    process: Here,
    work: Uow,
    caller: Staff,
    node: Annotated[UUID | None, Query(description="At and below this node.")] = None,
    role: Line | None = None,
    position: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Override]:
    """Absences and extra duty in my scope, past and ended ones too, the last to start first."""
    after = decode_cursor(cursor, tuple[Instant, UUID])
    wanted = service.Filter(node=node, role=role, position=position)
    found = await service.overrides_page(work, caller, process.clock.now(), wanted, after, limit + 1)
    return page_of(found, limit, show=_override, key=lambda row: (row.starts_at, row.id))


@rosters.post("/roster/overrides", status_code=201, responses=problems(401, 403, 409))
async def enter_override(
    asked: schemas.OverrideEntered, process: Here, work: Uow, caller: Staff
) -> schemas.Override:
    """Say that somebody is absent and who stands in, or that they have extra duty. Managers of the node."""
    wanted = service.OverrideEntered(
        position_id=asked.position,
        kind=asked.kind,
        since=asked.since,
        until=asked.until,
        stand_in_id=asked.stand_in,
        reason=asked.reason,
    )
    return _override(await service.enter_override(work, caller, process.clock.now(), wanted))


@rosters.delete("/roster/overrides/{override_id}", responses=problems(401, 403, 404, 409))
async def end_override(override_id: UUID, process: Here, work: Uow, caller: Staff) -> schemas.Override:
    """End an override: from now on the shifts hold again. It stays on record."""
    return _override(await service.end_override(work, caller, process.clock.now(), override_id))


def _read(asked: schemas.Shift, field: str) -> service.Shift:
    hours = read_shift(asked.opens, asked.closes, field)
    weekdays = frozenset(schemas.WEEKDAYS.index(day) + 1 for day in asked.weekdays)
    return service.Shift(weekdays, hours.opens, hours.closes, asked.since, asked.until)


def _shifts(plan: service.Plan) -> schemas.Shifts:
    return schemas.Shifts(
        position=plan.place.position_id,
        account=plan.place.account_id,
        account_name=plan.place.name,
        role=plan.place.role,
        role_name=ROLES[plan.place.role].name,
        node=plan.place.node_id,
        node_name=plan.place.node_name,
        shifts=[
            schemas.Shift(
                weekdays=[schemas.WEEKDAYS[day - 1] for day in sorted(shift.weekdays)],
                opens=spell(shift.opens),
                closes=spell(shift.closes),
                since=shift.since,
                until=shift.until,
            )
            for shift in plan.shifts
        ],
        around_the_clock=not plan.shifts,
        reason=plan.reason,
        set_by=plan.set_by,
        set_by_name=plan.set_by_name,
        set_at=plan.set_at,
        version=plan.version,
    )


def _on_duty(one: service.OnDuty) -> schemas.OnDuty:
    return schemas.OnDuty(
        account=one.account_id,
        account_name=one.name,
        position=one.position_id,
        node=one.node_id,
        why=one.ground,
        stands_in_for=one.stands_in_for,
        until=one.until,
    )


def _override(row: Any) -> schemas.Override:
    return schemas.Override(
        id=row.id,
        position=row.position_id,
        account=row.account_id,
        account_name=row.name,
        role=row.role,
        node=row.node_id,
        node_name=row.node_name,
        kind=row.kind,
        since=row.starts_at,
        until=row.ends_at,
        stand_in=row.stand_in_id,
        stand_in_account=row.stand_in_account,
        stand_in_name=row.stand_in_name,
        reason=row.reason,
        entered_by=row.entered_by,
        entered_by_name=row.entered_by_name,
        entered_at=row.entered_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
