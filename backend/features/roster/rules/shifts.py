"""Shifts, overrides, and what a position has of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from uuid import UUID

from backend.core.clock import SHANGHAI

DAY: Final = 1440

Kind = Literal["absent", "extra"]
Ground = Literal["shift", "extra", "stand_in", "always"]
"""Why somebody is on duty. `always`: no shift is set for the day, so around the clock."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Half-open, in minutes after the local midnight of its day; `closes` over 1440 lies on the next day.

    `weekdays`: 1 is Monday. `until` is the first day on which it no longer opens.
    """

    weekdays: frozenset[int]
    opens: int
    closes: int
    since: date | None = None
    until: date | None = None

    def valid_on(self, day: date) -> bool:
        """Whether the day lies between its dates."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    def opens_on(self, day: date) -> bool:
        """Whether it opens on the day."""
        return day.isoweekday() in self.weekdays and self.valid_on(day)


@dataclass(frozen=True, slots=True)
class Override:
    """Absence or extra duty of a position from `since` until just before `until` (None: until it is ended).

    `stand_in` is a position.
    """

    id: UUID
    kind: Kind
    since: datetime
    until: datetime | None
    stand_in: UUID | None = None

    def holds_at(self, at: datetime) -> bool:
        """Whether it is in force."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Post:
    """A position as a roster sees it: held from `since` until the day `until`; `works`: its account is not disabled."""

    id: UUID
    account_id: UUID
    name: str | None
    role: str
    node_id: UUID
    since: date
    until: date | None
    works: bool = True
    shifts: tuple[Shift, ...] = ()
    overrides: tuple[Override, ...] = ()

    def held_on(self, day: date) -> bool:
        """Whether it is held on the day."""
        return self.since <= day and (self.until is None or day < self.until)

    def override_at(self, at: datetime) -> Override | None:
        """The override in force, if there is one."""
        return next((override for override in self.overrides if override.holds_at(at)), None)


def midnight(day: date) -> datetime:
    """The local midnight that begins a day."""
    return datetime.combine(day, time(), SHANGHAI)


def planned(post: Post, at: datetime) -> Ground | None:
    """Whether a position is on duty by its shifts alone."""
    local = at.astimezone(SHANGHAI)
    day, minute = local.date(), local.hour * 60 + local.minute
    if not post.held_on(day):
        return None
    before = day - timedelta(days=1)
    for shift in post.shifts:
        if shift.opens <= minute < shift.closes and shift.opens_on(day):
            return "shift"
        if minute + DAY < shift.closes and shift.opens_on(before):
            return "shift"
    return None if any(shift.valid_on(day) for shift in post.shifts) else "always"


def overlapping(shifts: Sequence[Shift]) -> int | None:
    """The place of the first shift that overlaps an earlier one, within a day or over midnight; None: none does."""
    for place, later in enumerate(shifts):
        if any(_overlap(earlier, later) for earlier in shifts[:place]):
            return place
    return None


def _overlap(one: Shift, other: Shift) -> bool:
    return any(
        one.opens < other.closes + shifted * DAY and other.opens + shifted * DAY < one.closes
        for opened in _days_of_both(one, other)
        if one.opens_on(opened)
        for shifted in (-1, 0, 1)
        if other.opens_on(opened + timedelta(days=shifted))
    )


def _days_of_both(one: Shift, other: Shift) -> list[date]:
    """Days among which two shifts meet if they ever do: both repeat weekly while both are valid."""
    sinces = [shift.since for shift in (one, other) if shift.since is not None]
    untils = [shift.until for shift in (one, other) if shift.until is not None]
    first = max(sinces) if sinces else min(untils, default=date(2024, 1, 1)) - timedelta(days=9)
    return [first + timedelta(days=number) for number in range(-1, 9)]
