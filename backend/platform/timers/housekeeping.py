"""Forgetting what nobody needs any more."""

from sqlalchemy import text

from backend.db.work import Work

# A timer set anew for the moment it has fired for does nothing only as long as its row is there: longer than a year,
# the longest anything of the method looks back.
_FIRED = text(
    "DELETE FROM timer WHERE state IN ('fired', 'cancelled') AND next_try_at < app_now() - interval '400 days'"
    " AND coalesce(fired_at, next_try_at) < app_now() - interval '400 days'"
)
# While firing is held they are witnesses, and no time can be told by the clock that jumped.
_PULSES = text(
    "DELETE FROM timer_pulse WHERE seen_at < clock_timestamp() - interval '1 hour'"
    " AND NOT EXISTS (SELECT FROM timer_hold WHERE released_at IS NULL)"
)


async def forget_fired(work: Work) -> None:
    """Delete timers that fired, or were called off, 400 days ago; and pulses of workers killed an hour ago."""
    await work.execute(_FIRED)
    await work.execute(_PULSES)
