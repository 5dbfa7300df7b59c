"""Counting by the calendar of a project, as the rules ask for it."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from backend.core.errors import Invalid
from backend.db.work import Work
from backend.features.journey.rules.reckoning import Reckoned
from backend.features.standard.document import Due
from backend.platform.calendar import (
    Calendar,
    add_calendar_days,
    add_months,
    add_working,
    add_working_days,
    calendar_of,
)


async def reckoner_of(work: Work, node_id: UUID) -> "CalendarReckoner":
    """By the calendar of a project or a building."""
    return CalendarReckoner(await calendar_of(work, node_id))


class CalendarReckoner:
    """Counts days, months and hours from the beginning of a day. It remembers: neighbours share their dates."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._known: dict[tuple[date, str, int], Reckoned | None] = {}

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self._calendar.zone).date()

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._calendar.zone).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        return self.start_of(day + timedelta(days=1))

    def years_after(self, day: date, years: int) -> date | None:
        try:
            return add_months(day, 12 * years)
        except Invalid:
            return None

    def count(self, day: date, due: Due) -> Reckoned | None:
        key = (day, due.kind, due.value)
        if key not in self._known:
            try:
                self._known[key] = self._count(day, due)
            except (Invalid, OverflowError):
                # Further than a calendar reaches: nobody can promise that.
                self._known[key] = None
        return self._known[key]

    def _count(self, day: date, due: Due) -> Reckoned:
        match due.kind:
            case "calendar_days":
                return self._until_the_end_of(add_calendar_days(day, due.value))
            case "calendar_months":
                return self._until_the_end_of(add_months(day, due.value))
            case "calendar_years":
                return self._until_the_end_of(add_months(day, 12 * due.value))
            case "elapsed_minutes" | "elapsed_hours":
                passes = timedelta(**{due.kind.removeprefix("elapsed_"): due.value})
                moment = self.start_of(day) + passes
                return Reckoned(self.day_of(moment - timedelta.resolution), moment, provisional=False)
            case "working_hours":
                counted = add_working(self._calendar, self.start_of(day), timedelta(hours=due.value))
                return Reckoned(counted.day, counted.moment, counted.provisional)
            case "working_days":
                counted = add_working_days(self._calendar, self.start_of(day), due.value)
                return Reckoned(counted.day, counted.moment, counted.provisional)

    def _until_the_end_of(self, day: date) -> Reckoned:
        return Reckoned(day, self.end_of(day), provisional=False)
