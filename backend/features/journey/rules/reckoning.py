"""What the rules ask of a calendar: they hold no calendar of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from backend.features.standard.document import Due, Moment


@dataclass(frozen=True, slots=True)
class Reckoned:
    """When a promise ends: the last local day of it, and the moment that day's part of it is over."""

    day: date
    ends_at: datetime
    provisional: bool


class Reckoner(Protocol):
    """Counts by the calendar of one project, in its time zone."""

    def day_of(self, moment: datetime) -> date:
        """The local day of a moment."""

    def start_of(self, day: date) -> datetime:
        """The midnight that begins a local day."""

    def end_of(self, day: date) -> datetime:
        """The midnight that ends a local day."""

    def years_after(self, day: date, years: int) -> date | None:
        """The same day so many years later; None when no calendar reaches that far."""

    def count(self, day: date, due: Due) -> Reckoned | None:
        """When a promise that is counted from a day ends; None when no calendar reaches that far."""


def begins_at(reckoner: Reckoner, day: date, after: Due | None) -> datetime | None:
    """The beginning of the day that lies `after` a day: of hours, the very moment."""
    if after is None:
        return reckoner.start_of(day)
    reckoned = reckoner.count(day, after)
    if reckoned is None:
        return None
    return (
        reckoned.ends_at
        if after.kind in {"elapsed_minutes", "elapsed_hours", "working_hours"}
        else reckoner.start_of(reckoned.day)
    )


def moment_of(
    moment: Moment, dates: Mapping[str, date], done: Mapping[str, datetime], reckoner: Reckoner
) -> datetime | None:
    """When a moment of the standard comes; None while its date is not known, or what it waits for not done."""
    if moment.done is not None:
        return done.get(moment.done)
    assert moment.date is not None
    day = first_known(moment.date, dates)
    return None if day is None else begins_at(reckoner, day, moment.after)


def first_known(anchors: Sequence[str], dates: Mapping[str, date]) -> date | None:
    """The first of these dates that is known (CT-41)."""
    return next((day for anchor in anchors if (day := dates.get(anchor)) is not None), None)
