"""Rules of when something is due, as values that a standard and a request can hold: `{"kind": …, "value": …}`."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StrictFloat, StrictInt, TypeAdapter

from backend.core.wire import Asked
from backend.platform.calendar.days import Calendar, Interval, local_day
from backend.platform.calendar.rules import (
    Due,
    add_calendar_days,
    add_months,
    add_working,
    add_working_days,
    end_of,
)


class WorkingHours(Asked):
    """Hours of working time (C1, TM-17)."""

    kind: Literal["working_hours"] = Field(examples=["working_hours"])
    value: Annotated[StrictFloat, Field(gt=0, le=2000, examples=[4])]


class WorkingDays(Asked):
    """Working days after the day of receipt, until the last one closes (C3, TM-20)."""

    kind: Literal["working_days"] = Field(examples=["working_days"])
    value: Annotated[StrictInt, Field(ge=1, le=750, examples=[2])]


class CalendarDays(Asked):
    """Calendar days, until the end of the last one; before the date when negative (TM-04, TM-09)."""

    kind: Literal["calendar_days"] = Field(examples=["calendar_days"])
    value: Annotated[StrictInt, Field(ge=-36600, le=36600, examples=[7])]


class CalendarMonths(Asked):
    """Calendar months, until the end of the last day; before the date when negative (TM-12, TM-15)."""

    kind: Literal["calendar_months"] = Field(examples=["calendar_months"])
    value: Annotated[StrictInt, Field(ge=-1200, le=1200, examples=[3])]


class ElapsedHours(Asked):
    """Hours as they pass, whatever the calendar says (CT-06, TM-19)."""

    kind: Literal["elapsed_hours"] = Field(examples=["elapsed_hours"])
    value: Annotated[StrictFloat, Field(gt=0, le=87_840, examples=[24])]


DueRule = Annotated[
    WorkingHours | WorkingDays | CalendarDays | CalendarMonths | ElapsedHours, Field(discriminator="kind")
]
"""Any of them."""

_RULES: Final[TypeAdapter[DueRule]] = TypeAdapter(DueRule)


def read_rule(written: dict[str, Any]) -> DueRule:
    """The rule that `write_rule` wrote. Raises pydantic's ValidationError when it is none."""
    return _RULES.validate_python(written)


def write_rule(rule: DueRule) -> dict[str, Any]:
    """The rule as a JSON object: `{"kind": "working_hours", "value": 4}`."""
    return rule.model_dump(mode="json")


def due(calendar: Calendar, start: datetime, rule: DueRule) -> Due:
    """When a promise made at `start` is due.

    Calendar days and months count from the local day of `start`, which does not count itself, and hold until the
    midnight that ends the last one: a closed last day does not put it off, because no rule of the method says so.

    Raises:
        Invalid: `calendar_never_opens`, `calendar_too_far`.
    """
    match rule:
        case WorkingHours():
            return add_working(calendar, start, timedelta(hours=rule.value))
        case WorkingDays():
            return add_working_days(calendar, start, rule.value)
        case ElapsedHours():
            local_day(calendar, start)  # refuses what lies too far off
            moment = start + timedelta(hours=rule.value)
            return _plain(calendar, start, moment, local_day(calendar, moment - timedelta.resolution))
        case CalendarDays():
            day = add_calendar_days(local_day(calendar, start), rule.value)
            return _plain(calendar, start, end_of(calendar, day), day)
        case CalendarMonths():
            day = add_months(local_day(calendar, start), rule.value)
            return _plain(calendar, start, end_of(calendar, day), day)


def _plain(calendar: Calendar, start: datetime, moment: datetime, day: date) -> Due:
    start, moment = start.astimezone(UTC), moment.astimezone(UTC)
    counted = (Interval(start, moment, local_day(calendar, start)),) if start < moment else ()
    return Due(moment=moment, day=day, provisional=False, hours_set=calendar.hours_set, counted=counted)
