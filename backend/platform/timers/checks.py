"""What must hold of the timers themselves, looked at from outside the workers."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from backend.db.work import Work
from backend.platform.audit import Check, Fault

LATE_MINUTES: Final = 5

_MANY = 50

# One that failed stands at its next try, at most a pause from now: so the index finds the late ones without the rest.
_LATE = text(
    "SELECT kind, key, due_at, last_error FROM timer WHERE state = 'pending'"
    " AND next_try_at <= app_now() + make_interval(mins => :minutes)"
    " AND greatest(due_at, armed_at) < app_now() - make_interval(mins => :minutes) ORDER BY next_try_at LIMIT :many"
)
_PARKED = text(
    "SELECT kind, key, due_at, last_error FROM timer WHERE state = 'parked' ORDER BY next_try_at LIMIT :many"
)
_SILENT = text(
    "SELECT name, extract(epoch FROM clock_timestamp() - seen_at) AS silent FROM timer_pulse"
    " WHERE seen_at > clock_timestamp() - interval '10 minutes' ORDER BY seen_at DESC"
)
_HELD = text("SELECT ahead, began_at FROM timer_hold WHERE released_at IS NULL")


async def _late(work: Work) -> Sequence[Fault]:
    rows = await work.execute(_LATE, {"minutes": LATE_MINUTES, "many": _MANY})
    return [
        Fault(
            f"{row.kind} {row.key}",
            f"has been due since {row.due_at:%Y-%m-%d %H:%M:%S%z}; {row.last_error or 'it was not tried yet'}",
        )
        for row in rows
    ]


async def _parked(work: Work) -> Sequence[Fault]:
    rows = await work.execute(_PARKED, {"many": _MANY})
    return [Fault(f"{row.kind} {row.key}", f"is parked: {row.last_error}") for row in rows]


async def _workers(work: Work) -> Sequence[Fault]:
    """A worker that ends by itself takes its pulse with it: a silent one was killed, or hangs."""
    rows = (await work.execute(_SILENT)).all()
    silent = [Fault(row.name, f"has been silent for {row.silent:.0f} s") for row in rows if row.silent > 30]
    if len(silent) == len(rows):
        return [*silent, Fault("workers", "none is alive")]
    return silent


async def _held(work: Work) -> Sequence[Fault]:
    rows = await work.execute(_HELD)
    return [
        Fault(
            "firing",
            f"is held since {row.began_at:%Y-%m-%d %H:%M:%S%z}: the clock jumped by {row.ahead:.0f} s",
        )
        for row in rows
    ]


CHECKS: Final = (
    Check("no timer is late", _late),
    Check("no timer is parked", _parked),
    Check("no worker is missing", _workers),
    Check("firing is not held", _held),
)
