"""Timers and the audit, for operators: the administrators of the whole company."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query

from backend.core.paging import decode_cursor
from backend.core.wire import Line, Page
from backend.features.operations import schemas, service
from backend.platform.http.caller import Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router
from backend.platform.timers.models import Timer

operations = router(tag="operations", prefix="/v1/ops")


@operations.get("/timers", responses=problems(401, 403))
async def list_timers(
    process: Here,
    work: Uow,
    caller: Staff,
    state: Annotated[
        Literal["pending", "fired", "cancelled", "parked"], Query(description="Parked ones wait for you.")
    ] = "parked",
    kind: Line | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Timer]:
    """Timers in a state, in the order they come due."""
    after = decode_cursor(cursor, tuple[datetime, UUID])
    found = await service.timers_page(
        work, caller, process.clock.now(), state=state, kind=kind, after=after, limit=limit + 1
    )
    return page_of(found, limit, show=_timer, key=lambda one: (one.next_try_at, one.id))


@operations.post("/timers/{timer_id}/retry", responses=problems(401, 403, 404, 409))
async def retry_timer(
    timer_id: UUID, asked: schemas.Because, process: Here, work: Uow, caller: Staff
) -> schemas.Timer:
    """Have a parked timer tried again at once, as if it had never failed."""
    return _timer(await service.retry(work, caller, process.clock.now(), timer_id, asked.reason))


@operations.post("/timers/{timer_id}/drop", responses=problems(401, 403, 404, 409))
async def drop_timer(
    timer_id: UUID, asked: schemas.Because, process: Here, work: Uow, caller: Staff
) -> schemas.Timer:
    """Call a parked timer off: what it was for will not happen."""
    return _timer(await service.drop(work, caller, process.clock.now(), timer_id, asked.reason))


@operations.post("/timers/release", responses=problems(401, 403, 409))
async def release_timers(asked: schemas.Because, process: Here, work: Uow, caller: Staff) -> schemas.Released:
    """Confirm the database's clock as it stands after a jump: everything that is due by it fires now."""
    hold = await service.release(work, caller, process.clock.now(), asked.reason)
    assert hold.released_at is not None
    return schemas.Released(
        id=hold.id, ahead_seconds=hold.ahead, began_at=hold.began_at, released_at=hold.released_at
    )


@operations.get("/audit", responses=problems(401, 403, 404))
async def read_audit(process: Here, work: Uow, caller: Staff) -> schemas.Audit:
    """What the audit found when it last looked."""
    return schemas.Audit.model_validate(await service.last_audit(work, caller, process.clock.now()))


@operations.get("/deliveries", responses=problems(401, 403))
async def list_ambiguous_deliveries(
    process: Here,
    work: Uow,
    caller: Staff,
    state: Annotated[
        Literal["waiting", "deferred", "leased", "dead", "refused", "ambiguous", "given_up"],
        Query(description="Of ambiguous ones nobody knows whether they were taken: they wait for you."),
    ] = "ambiguous",
    channel: Literal["push", "sms", "email"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Delivery]:
    """Deliveries in a state, the oldest first. Nothing of what they say, and no address."""
    after = decode_cursor(cursor, tuple[UUID])
    found = await service.deliveries(
        work,
        caller,
        process.clock.now(),
        state=state,
        channel=channel,
        after=after[0] if after else None,
        limit=limit + 1,
    )
    return page_of(found, limit, show=schemas.Delivery.model_validate, key=lambda one: (one.id,))


@operations.post("/deliveries/{delivery_id}/resend", responses=problems(401, 403, 404, 409))
async def resend_delivery(
    delivery_id: UUID, asked: schemas.Because, process: Here, work: Uow, caller: Staff
) -> schemas.Delivery:
    """Send an ambiguous one again, at the risk that somebody gets it twice."""
    now = process.clock.now()
    return schemas.Delivery.model_validate(await service.resend(work, caller, now, delivery_id, asked.reason))


@operations.post("/deliveries/{delivery_id}/drop", responses=problems(401, 403, 404, 409))
async def drop_delivery(
    delivery_id: UUID, asked: schemas.Because, process: Here, work: Uow, caller: Staff
) -> schemas.Delivery:
    """Let an ambiguous one be: it was taken, or is not worth a second one."""
    now = process.clock.now()
    return schemas.Delivery.model_validate(await service.let_be(work, caller, now, delivery_id, asked.reason))


@operations.get("/channels", responses=problems(401, 403))
async def list_channels(process: Here, work: Uow, caller: Staff) -> schemas.Channels:
    """Push, SMS and e-mail: which is stopped and why, and how much waits for it."""
    return schemas.Channels(
        items=[
            schemas.Channel(
                channel=row.channel,
                stopped_since=row.since,
                reason=row.reason,
                waiting=row.waiting,
                ambiguous=row.ambiguous,
            )
            for row in await service.channels(work, caller, process.clock.now())
        ]
    )


def _timer(one: Timer) -> schemas.Timer:
    return schemas.Timer(
        id=one.id,
        kind=one.kind,
        key=one.key,
        state=one.state,
        due_at=one.due_at,
        next_try_at=one.next_try_at,
        attempts=one.attempts,
        version=one.version,
        fired_at=one.fired_at,
        lateness_seconds=None if one.lateness is None else one.lateness.total_seconds(),
        last_error=one.last_error,
    )
