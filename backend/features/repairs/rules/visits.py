"""Visits, pure: times that are offered and chosen, what becomes of an appointment, and when people are reminded of it.

How long before a visit somebody is reminded is ours and not the method's; so is for how long a visit may be planned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from backend.core.errors import Fault

Side = Literal["owner", "engineer"]
"""Who offers times, and who chooses one: either side may do either."""

SIDES: Final[tuple[Side, ...]] = get_args(Side)

Answer = Literal["open", "chosen", "declined", "replaced"]
"""What became of an offer of times. `replaced`: another one was made, by either side."""

ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)

Outcome = Literal[
    "agreed", "kept", "moved", "called_off", "missed_by_owner", "missed_by_engineer", "abortive"
]
"""What became of an appointment: it is to come, took place, was moved, called off, or somebody was not there.

`abortive`: the engineer was there and could not work, for a reason of `ABORTIVE`.
"""

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

Abortive = Literal["nobody_home", "access_refused", "wrong_part", "put_off_by_owner"]
"""Why a visit came to nothing. Whose absence it was decides the outcome: see `outcome_of`."""

ABORTIVE: Final[tuple[Abortive, ...]] = get_args(Abortive)

MOST_TIMES: Final = 10
"""So many times in one offer."""

LONGEST_VISIT: Final = timedelta(hours=12)

FURTHEST: Final = timedelta(days=90)
"""No visit is agreed on further ahead than this."""

REMIND: Final = (timedelta(hours=24), timedelta(hours=2))
"""So long before a visit begins both sides are reminded of it."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment until just before another."""

    starts_at: datetime
    ends_at: datetime


def time_faults(times: Sequence[Span], *, now: datetime) -> tuple[Fault, ...]:
    """What cannot be meant of an offer of times.

    Codes: `times_missing`, `times_too_many`, `time_reversed`, `time_past`, `time_too_long`, `time_too_far`,
    `time_twice`.
    """
    if not times:
        return (Fault("times", "times_missing", {}),)
    if len(times) > MOST_TIMES:
        return (Fault("times", "times_too_many", {"limit": MOST_TIMES}),)
    found = []
    for place, time in enumerate(times):
        field = f"times.{place}"
        if fault := span_fault(time, now=now, within=f"{field}."):
            found.append(fault)
        elif time.starts_at <= now:
            found.append(Fault(f"{field}.starts_at", "time_past", {}))
        elif time in times[:place]:
            found.append(Fault(field, "time_twice", {}))
    return tuple(found)


def span_fault(time: Span, *, now: datetime, within: str = "") -> Fault | None:
    """Why no visit can be then: `time_reversed`, `time_too_long`, `time_too_far`. It may have begun already."""
    if time.ends_at <= time.starts_at:
        return Fault(f"{within}ends_at", "time_reversed", {})
    if time.ends_at - time.starts_at > LONGEST_VISIT:
        hours = int(LONGEST_VISIT.total_seconds() // 3600)
        return Fault(f"{within}ends_at", "time_too_long", {"hours": hours})
    if time.starts_at - now > FURTHEST:
        return Fault(f"{within}starts_at", "time_too_far", {"days": FURTHEST.days})
    return None


def reminders(starts_at: datetime, *, now: datetime) -> list[datetime]:
    """When both sides are reminded of a visit that is agreed on now: not of what is past."""
    return [starts_at - before for before in REMIND if starts_at - before > now]


def outcome_of(reason: Abortive) -> Outcome:
    """What a visit becomes that came to nothing at the door, for this reason."""
    return "missed_by_owner" if reason == "nobody_home" else "abortive"


def held_as(state: str) -> Outcome:
    """What an agreed visit becomes when its ticket is held: work had begun, or somebody was there, or not."""
    return "kept" if state == "working" else "abortive" if state == "arrived" else "called_off"


def may_be_missed_by_engineer(span: Span, *, now: datetime) -> bool:
    """Whether it can be said that nobody came: not before the agreed time is over."""
    return now >= span.ends_at


def may_come_to_nothing(span: Span, *, at: datetime) -> bool:
    """Whether the engineer can say at `at` that a visit came to nothing at the door: not before it was to begin."""
    return at >= span.starts_at
