"""Moving the whole running system forward. Development mode only."""

from datetime import timedelta
from functools import partial
from typing import Annotated

from pydantic import Field

from backend.core.errors import Invalid
from backend.core.wire import Answer, Asked, Moment
from backend.platform.http.route import Here, Uow, router
from backend.platform.shift import advance, read_shift
from backend.platform.timers import DRAIN

clock = router(tag="development", prefix="/dev")


class Forward(Asked):
    """How far to move."""

    by: Annotated[timedelta, Field(description="ISO 8601 duration.", examples=["P3D"])]


class Present(Answer):
    """Where the system's clock stands."""

    now: Moment
    ahead_seconds: float


@clock.get("/clock")
async def read_clock(process: Here, work: Uow) -> Present:
    """The system's present moment, and how far it is ahead of the real one."""
    shift = await read_shift(work)
    return Present(now=process.clock.now(), ahead_seconds=shift.total_seconds())


@clock.post("/clock")
async def move_clock(asked: Forward, process: Here, work: Uow) -> Present:
    """Move every process of the running system forward."""
    if not timedelta(0) < asked.by <= timedelta(days=3660):
        raise Invalid("clock_only_forward", field="by")
    shift = await advance(work, process.signals, asked.by)
    # What is due by the new time is fired at once, and not by the next sweep.
    work.after_commit(partial(process.waker.wake_in, timedelta(0), DRAIN))
    return Present(now=process.clock.now() + asked.by, ahead_seconds=shift.total_seconds())
