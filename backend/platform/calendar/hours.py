"""A week's service hours: shifts to the minute, over midnight too."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from backend.core.errors import Invalid

DAY: Final = 1440
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHIFTS_A_DAY: Final = 8


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """Half-open, in minutes after the midnight that begins its day; `closes` over 1440 lies on the next day.

    A shift belongs to the day it opens on, whole: a holiday closes the shifts that open on it, and lets the night
    before run out.
    """

    opens: int
    closes: int


Week = tuple[tuple[Shift, ...], ...]
"""The shifts of Monday to Sunday, each day's in order."""

NEVER: Final[Week] = ((),) * 7

PLACEHOLDER: Final[Week] = ((Shift(540, 1080),),) * 5 + ((),) * 2
"""Weekdays 9:00 to 18:00. Nobody's hours: what is counted by while none are set, and marked wherever it is."""


def read_shift(opens: str, closes: str, field: str) -> Shift:
    """The shift from `09:00` to `18:00`; one that closes no later than it opens closes on the next day.

    Raises:
        Invalid: `shift_empty`, when both are the same; around the clock is `00:00` to `24:00`.
    """
    start, end = _minute(opens), _minute(closes)
    if start == end:
        raise Invalid("shift_empty", field=field)
    return Shift(start, end if end > start else end + DAY)


def spell(minute: int) -> str:
    """`09:00` for 540; what lies on the next day as its own time of day, its midnight as `24:00`."""
    minute = minute if minute <= DAY else minute - DAY
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute(spelled: str) -> int:
    hour, _, minute = spelled.partition(":")
    return int(hour) * 60 + int(minute)


def in_order(shifts: Iterable[Shift], field: str) -> tuple[Shift, ...]:
    """A day's shifts by time.

    Raises:
        Invalid: `shifts_overlap`.
    """
    ordered = tuple(sorted(shifts))
    if any(later.opens < earlier.closes for earlier, later in pairwise(ordered)):
        raise Invalid("shifts_overlap", field=field)
    return ordered


def make_week(days: Sequence[Iterable[Shift]], field: str) -> Week:
    """A week of these seven days.

    Raises:
        Invalid: `hours_empty`; `shifts_overlap`, within a day or over midnight, from Sunday into Monday too.
    """
    week = tuple(in_order(day, f"{field}.{name}") for name, day in zip(WEEKDAYS, days, strict=True))
    if week == NEVER:
        raise Invalid("hours_empty", field=field)
    for number, day in enumerate(week):
        following = week[(number + 1) % 7]
        if day and following and day[-1].closes - DAY > following[0].opens:
            raise Invalid("shifts_overlap", field=f"{field}.{WEEKDAYS[(number + 1) % 7]}")
    return week


def spell_shifts(shifts: Iterable[Shift]) -> list[dict[str, str]]:
    """`[{"opens": "09:00", "closes": "18:00"}]`."""
    return [{"opens": spell(shift.opens), "closes": spell(shift.closes)} for shift in shifts]


def spell_week(week: Week) -> dict[str, list[dict[str, str]]]:
    """The shifts of `monday` to `sunday`."""
    return {name: spell_shifts(day) for name, day in zip(WEEKDAYS, week, strict=True)}


def pack(week: Week) -> list[list[list[int]]]:
    """A week as it is stored."""
    return [[[shift.opens, shift.closes] for shift in day] for day in week]


def unpack(stored: Sequence[Sequence[Sequence[int]]]) -> Week:
    """What `pack` made."""
    return tuple(tuple(Shift(opens, closes) for opens, closes in day) for day in stored)
