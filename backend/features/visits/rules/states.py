"""What a visit can be, and what becomes of its bookings. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from backend.core.errors import Fault

State = Literal["planned", "booked", "completed", "void"]
STATES: Final[tuple[State, ...]] = get_args(State)

LIVE: Final[tuple[State, ...]] = ("planned", "booked")
"""It is still to be made."""

Void = Literal["done_otherwise", "reopened", "not_wanted", "ended", "sold"]
"""Why a visit is not made any more."""

VOIDS: Final[tuple[Void, ...]] = get_args(Void)

Outcome = Literal["kept", "moved", "called_off", "owner_absent", "visitor_absent"]
"""What became of a booking."""

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

Way = Literal["phone", "chat", "door"]
"""How somebody was tried to be reached."""

WAYS: Final[tuple[Way, ...]] = get_args(Way)

LONGEST: Final = timedelta(hours=8)
FURTHEST: Final = timedelta(days=90)
"""Ours and not the method's: no longer and no further ahead than this."""

REMIND: Final = (timedelta(hours=24), timedelta(hours=2))
"""So long before a booked visit both sides are reminded of it. Ours."""


def span_fault(starts_at: datetime, ends_at: datetime, *, now: datetime) -> Fault | None:
    """Why no visit can be booked for then: `dates_reversed`, `time_is_past`, `time_too_long`, `time_too_far`."""
    if ends_at <= starts_at:
        return Fault("ends_at", "dates_reversed", {})
    if starts_at <= now:
        return Fault("starts_at", "time_is_past", {})
    if ends_at - starts_at > LONGEST:
        return Fault("ends_at", "time_too_long", {"hours": int(LONGEST.total_seconds() // 3600)})
    if starts_at - now > FURTHEST:
        return Fault("starts_at", "time_too_far", {"days": FURTHEST.days})
    return None


def reminders(starts_at: datetime, *, now: datetime) -> Sequence[datetime]:
    """When both sides are reminded of a visit that is booked now: not of what is past."""
    return [starts_at - before for before in REMIND if starts_at - before > now]


def next_look(planned_at: datetime, due_at: datetime, *, now: datetime) -> datetime:
    """When the clock of a visit is looked at next: at its last quarter, and when it is due."""
    quarter = due_at - (due_at - planned_at) / 4
    return quarter if now < quarter < due_at else due_at
