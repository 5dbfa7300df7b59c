"""What operators see of the timers, and may do with those that are parked and with firing that is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, tuple_

from backend.core.errors import Conflict, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.platform.timers.models import Act, State, Timer, TimerAct, TimerHold

_COUNT = text(
    "SELECT (SELECT count(*) FROM timer WHERE state = 'parked') AS parked, due.count AS due, due.oldest AS oldest,"
    " EXISTS (SELECT FROM timer_hold WHERE released_at IS NULL) AS held,"
    " (SELECT count(*) FROM timer_pulse WHERE seen_at > clock_timestamp() - interval '30 seconds') AS workers"
    " FROM (SELECT count(*), coalesce(extract(epoch FROM app_now() - min(next_try_at)), 0) AS oldest FROM timer"
    " WHERE state = 'pending' AND next_try_at <= app_now()) AS due"
)
_COUNT_PENDING = text("SELECT count(*) FROM timer WHERE state = 'pending'")
_LATENESS = text("SELECT at_most, fired, seconds FROM timer_lateness ORDER BY at_most")
_TRY_AGAIN = text(
    "UPDATE timer SET state = 'pending', version = version + 1, attempts = 0, armed_at = app_now(),"
    " next_try_at = greatest(due_at, app_now()) WHERE id = :id"
)
_DROP = text("UPDATE timer SET state = 'cancelled', version = version + 1 WHERE id = :id")
_RELEASE = text(
    "UPDATE timer_hold SET released_at = clock_timestamp(), released_because = :reason"
    " WHERE released_at IS NULL RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How the timers stand. `oldest`: for how many seconds the longest due one has been due. `workers` alive."""

    parked: int
    due: int
    oldest: float
    held: bool
    workers: int


async def count(work: Work) -> Counts:
    """Count what needs somebody's attention, for the metrics."""
    row = (await work.execute(_COUNT)).one()
    return Counts(row.parked, row.due, max(0.0, float(row.oldest)), row.held, row.workers)


async def count_pending(work: Work) -> int:
    """How many timers are still to fire, whenever they are due. A quarter of a second for a million."""
    return int((await work.execute(_COUNT_PENDING)).scalar_one())


async def lateness(work: Work) -> Sequence[tuple[float, int, float]]:
    """How late timers fired: bound in seconds, how many are in that bucket alone, and the sum of their seconds."""
    return [(row.at_most, row.fired, row.seconds) for row in await work.execute(_LATENESS)]


async def timers_page(
    work: Work, *, state: State, kind: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Timer]:
    """Timers in a state, in the order they come due."""
    wanted = select(Timer).where(Timer.state == state).order_by(Timer.next_try_at, Timer.id).limit(limit)
    if kind is not None:
        wanted = wanted.where(Timer.kind == kind)
    if after is not None:
        wanted = wanted.where(tuple_(Timer.next_try_at, Timer.id) > after)
    return (await work.scalars(wanted)).all()


async def retry(work: Work, timer_id: UUID, *, actor_id: UUID, reason: str, now: datetime) -> Timer:
    """Have a parked timer tried again at once, as if it had never failed. Who and why is kept.

    Raises:
        NotFound: there is none.
        Conflict: `timer_not_parked`.
    """
    return await _act(work, "retry", timer_id, actor_id, reason, now)


async def drop(work: Work, timer_id: UUID, *, actor_id: UUID, reason: str, now: datetime) -> Timer:
    """Call a parked timer off: what it was for will not happen. Who and why is kept.

    Raises:
        NotFound: there is none.
        Conflict: `timer_not_parked`.
    """
    return await _act(work, "drop", timer_id, actor_id, reason, now)


async def release(work: Work, *, actor_id: UUID, reason: str, now: datetime) -> TimerHold:
    """Let timers fire again by the database's clock as it stands now. Who and why is kept.

    Raises:
        Conflict: `timers_not_held`.
    """
    hold_id: int | None = await work.scalar(_RELEASE, {"reason": reason})
    if hold_id is None:
        raise Conflict("timers_not_held")
    work.add(TimerAct(id=new_id(), act="release", actor_id=actor_id, reason=reason, at=now))
    await work.flush()
    return await work.get_one(TimerHold, hold_id)


async def _act(work: Work, act: Act, timer_id: UUID, actor_id: UUID, reason: str, now: datetime) -> Timer:
    timer = await work.get(Timer, timer_id, with_for_update=True)
    if timer is None:
        raise NotFound()
    if timer.state != "parked":
        raise Conflict("timer_not_parked")
    work.add(
        TimerAct(
            id=new_id(),
            act=act,
            timer_id=timer.id,
            kind=timer.kind,
            key=timer.key,
            last_error=timer.last_error,
            actor_id=actor_id,
            reason=reason,
            at=now,
        )
    )
    await work.execute(_TRY_AGAIN if act == "retry" else _DROP, {"id": timer.id})
    await work.refresh(timer)
    return timer
