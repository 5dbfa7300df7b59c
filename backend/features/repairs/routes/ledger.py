"""A project's tickets for those who answer for it; emergencies for whoever is on duty."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from backend.core.paging import decode_cursor
from backend.core.wire import Instant, Line, Page
from backend.features.repairs import schemas_charges as schemas
from backend.features.repairs import schemas_visits
from backend.features.repairs.rules.ageing import BUCKETS
from backend.features.repairs.rules.states import State
from backend.features.repairs.service import emergencies, ledger
from backend.platform.http.caller import SignedIn, Staff
from backend.platform.http.etags import tagged
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

ledgers = router(tag="repairs")


InState = Annotated[State | None, Query(description="Only those in this state.")]
Live = Annotated[bool | None, Query(description="Only those that have not ended, or have.")]
Company = Annotated[UUID | None, Query(description="The construction company whose work it was.")]
Late = Annotated[bool | None, Query(description="Only those with a clock that is late, or without.")]
Lesson = Annotated[bool | None, Query(description="Only those that others should learn from.")]
Since = Annotated[Instant | None, Query(description="Opened from then on.")]
Until = Annotated[Instant | None, Query(description="Opened before then.")]


@ledgers.get(
    "/projects/{project_id}/tickets",
    response_model=Page[schemas.LedgerTicket],
    responses=problems(401, 403, 404)
    | {304: {"description": "As the `ETag` you sent says: nothing has changed"}},
)
async def list_project_tickets(
    request: Request,
    process: Here,
    caller: Staff,
    project_id: UUID,
    cursor: Cursor = None,
    limit: Limit = 50,
    state: InState = None,
    live: Live = None,
    component: Line | None = None,
    engineer: UUID | None = None,
    company: Company = None,
    urgent: bool | None = None,
    late: Late = None,
    lesson: Lesson = None,
    since: Since = None,
    until: Until = None,
) -> Response:
    """The tickets of a project by what you ask for, the last opened first."""
    wanted = ledger.Filter(state, live, component, engineer, company, urgent, late, lesson, since, until)
    now = process.clock.now()
    return tagged(
        request, await ledger.tickets_page(process.direct, caller, now, project_id, wanted, cursor, limit)
    )


async def _filter(
    state: InState = None,
    live: Live = None,
    component: Line | None = None,
    engineer: UUID | None = None,
    company: Company = None,
    urgent: bool | None = None,
    late: Late = None,
    lesson: Lesson = None,
    since: Since = None,
    until: Until = None,
) -> ledger.Filter:
    return ledger.Filter(state, live, component, engineer, company, urgent, late, lesson, since, until)


Wanted = Annotated[ledger.Filter, Depends(_filter)]


@ledgers.get("/projects/{project_id}/tickets/ageing", responses=problems(401, 403, 404))
async def count_ticket_ages(
    process: Here,
    work: Uow,
    caller: Staff,
    project_id: UUID,
    wanted: Wanted,
    by: Annotated[ledger.By, Query(description="Counted by this.")] = "state",
) -> schemas.Ageing:
    """How many live tickets are how old: by state, component, engineer or construction company."""
    now = process.clock.now()
    found = await ledger.ages(work, caller, now, project_id, wanted, by)
    return schemas.Ageing(
        items=[
            schemas.Ages(
                key=row.key,
                name=row.name,
                open=row.open,
                late=row.late,
                held=row.held,
                oldest=row.oldest,
                ages=[
                    schemas.Bucket(from_days=since, below_days=until, count=getattr(row, f"b{place}"))
                    for place, (since, until) in enumerate(BUCKETS)
                ],
            )
            for row in found
        ]
    )


@ledgers.get("/projects/{project_id}/emergencies", responses=problems(401, 403, 404))
async def list_emergencies(
    process: Here,
    work: Uow,
    caller: Staff,
    project_id: UUID,
    ended: Annotated[bool, Query(description="With those that are over.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas_visits.Emergency]:
    """The emergencies of a project, the last declared first, for whoever is on duty there."""
    now = process.clock.now()
    after = decode_cursor(cursor, tuple[Instant, UUID])
    found = await emergencies.emergencies_page(
        work, caller, now, project_id, ended=ended, after=after, limit=limit + 1
    )
    return page_of(
        found, limit, show=_emergency, key=lambda row: (row.declared_at.isoformat(), row.ticket_id)
    )


@ledgers.post("/tickets/{ticket_id}/emergency", responses=problems(401, 403, 404, 409))
async def declare_emergency(
    process: Here, work: Uow, caller: SignedIn, ticket_id: UUID, asked: schemas_visits.EmergencySaid
) -> schemas_visits.EmergencyDeclared:
    """Say that a ticket cannot wait. Whoever is on duty is told at once; its engineer stays its one person."""
    told = await emergencies.declare(work, caller, process.clock.now(), ticket_id, asked.words)
    return schemas_visits.EmergencyDeclared(ticket=ticket_id, told=told)


@ledgers.post("/tickets/{ticket_id}/emergency/taking", responses=problems(401, 403, 404, 409))
async def take_emergency(
    process: Here, work: Uow, caller: Staff, ticket_id: UUID
) -> schemas_visits.Emergency:
    """Go there first. From now on I see whom to call, until it is over."""
    return _emergency(await emergencies.take(work, caller, process.clock.now(), ticket_id))


@ledgers.post("/tickets/{ticket_id}/emergency/safety", responses=problems(401, 403, 404, 409))
async def make_emergency_safe(
    process: Here, work: Uow, caller: Staff, ticket_id: UUID, asked: schemas_visits.EmergencySaid
) -> schemas_visits.Emergency:
    """It is safe for now. The repair itself goes on with the ticket's engineer."""
    now = process.clock.now()
    return _emergency(await emergencies.make_safe(work, caller, now, ticket_id, asked.words))


@ledgers.post("/tickets/{ticket_id}/emergency/denial", responses=problems(401, 403, 404, 409))
async def deny_emergency(
    process: Here, work: Uow, caller: Staff, ticket_id: UUID, asked: schemas_visits.EmergencySaid
) -> schemas_visits.Emergency:
    """It can wait for the engineer's day after all, and why. The household is told."""
    return _emergency(await emergencies.deny(work, caller, process.clock.now(), ticket_id, asked.words))


def _emergency(row: Any) -> schemas_visits.Emergency:
    return schemas_visits.Emergency(
        ticket=row.ticket_id,
        state=row.state,
        project=row.project_id,
        building=row.building,
        unit=row.unit,
        room=row.room,
        place=row.place,
        component=row.component,
        description=row.description,
        declared_at=row.declared_at,
        told=row.told,
        engineer=row.engineer_id,
        engineer_name=row.engineer_name,
        taken_by=row.taken_by,
        taken_by_name=row.taker_name,
        taken_at=row.taken_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone,
    )
