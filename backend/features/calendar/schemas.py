"""What travels over the wire."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from backend.core.wire import Answer, Asked, Line, Moment
from backend.platform.calendar import SHIFTS_A_DAY, DueRule

_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"


class Shift(Asked):
    """Open from `opens` until just before `closes`, local time. Closing no later than it opens is on the next day."""

    opens: Annotated[str, StringConstraints(pattern=f"^{_CLOCK}$"), Field(examples=["09:00"])]
    closes: Annotated[str, StringConstraints(pattern=f"^({_CLOCK}|24:00)$"), Field(examples=["18:00"])]


Shifts = Annotated[list[Shift], Field(max_length=SHIFTS_A_DAY)]


class Week(Asked):
    """The shifts that open on each day; a day without any is closed."""

    monday: Shifts = Field(default=[])
    tuesday: Shifts = Field(default=[])
    wednesday: Shifts = Field(default=[])
    thursday: Shifts = Field(default=[])
    friday: Shifts = Field(default=[])
    saturday: Shifts = Field(default=[])
    sunday: Shifts = Field(default=[])


Zone = Annotated[
    str,
    StringConstraints(pattern=r"^(UTC|[A-Z][A-Za-z]{1,30}(/[A-Za-z0-9_+-]{1,40}){1,2})$"),
    Field(description="An IANA time zone whose clocks are never changed.", examples=["Asia/Shanghai"]),
]


class HoursSet(Asked):
    """Weekly hours of a node, and of what is below it without hours of its own."""

    node: UUID
    week: Week
    time_zone: Zone = "Asia/Shanghai"
    observes_holidays: bool = Field(
        default=True,
        description="Statutory holidays close it and make-up workdays open it. False: it works through them.",
    )
    reason: Line = Field(examples=["服务中心延长营业时间"])


class OverriddenDay(Asked):
    """A day unlike its week. No shifts: closed; null: as usual again."""

    day: date
    shifts: Shifts | None
    name: Line | None = Field(default=None, examples=["台风停业"])


class OverridesSet(Asked):
    """Days of a node, and of what is below it; all of them or none are set."""

    node: UUID
    days: Annotated[list[OverriddenDay], Field(min_length=1, max_length=400)]
    reason: Line = Field(examples=["台风"])


class DueAsked(Asked):
    """A promise made at `start`, local to the project's calendar."""

    project: UUID
    start: AwareDatetime = Field(examples=["2026-09-30T16:00:00+08:00"])
    rule: DueRule = Field(examples=[{"kind": "working_hours", "value": 4}])


class RevisionAsked(Asked):
    """The decision to move promises. Name the subjects, or say `all`."""

    subjects: Annotated[list[UUID], Field(min_length=1, max_length=1000)] | None = None
    all: bool = False
    reason: Line = Field(examples=["已与业主说明"])


class Interval(Answer):
    """Open from `opens` until just before `closes`. `day` is the local day on which it opens."""

    opens: Moment
    closes: Moment
    day: date


class DayName(Answer):
    """What a day is called."""

    zh: str = Field(examples=["国庆节"])
    en: str = Field(examples=["National Day"])


class CalendarDay(Answer):
    """A local day. `provisional`: its year's notice is not published yet and may change it."""

    day: date
    kind: Literal["workday", "weekend", "holiday", "makeup_workday", "override"]
    name: DayName | None
    provisional: bool
    open: list[Interval]


class WorkingCalendar(Answer):
    """A project's working time, day by day. `hours_set`: false while it goes by a placeholder."""

    project: UUID
    time_zone: str
    hours_set: bool
    observes_holidays: bool
    version: int
    days: list[CalendarDay]


class DueExplained(Answer):
    """When it is due, and what was counted. `day` is the last local day of the promise."""

    due: Moment
    day: date
    provisional: bool
    hours_set: bool
    time_zone: str
    version: int
    counted: list[Interval]


class HoursShown(Answer):
    """Weekly hours."""

    time_zone: str
    week: Week
    observes_holidays: bool


class NodeHours(Answer):
    """The hours a node goes by. `set_at`: the node that has them; null while nobody has set any."""

    node: UUID
    set_at: UUID | None
    hours: HoursShown | None
    words: str | None = Field(
        description="The project's own words they were read from.", examples=["周一至周日 9:00-18:00"]
    )
    version: int


class Change(Answer):
    """What a version changed; null hours after words that cannot be read."""

    hours: HoursShown | None = None
    words: str | None = None
    days: list[OverriddenDay] = Field(default=[])


class Moved(Answer):
    """A running clock that a version would move, and whether somebody has decided that it does."""

    clock: UUID
    subject_kind: str
    subject: UUID
    node: UUID
    name: str
    start: Moment
    rule: DueRule
    calendar_version: int
    old_due: Moment
    new_due: Moment
    provisional: bool
    revised_at: Moment | None
    revised_by: UUID | None
    revision_reason: str | None


class CalendarVersion(Answer):
    """One publication. `moved` is a page of the `moved_count` clocks it would move; `next` is the following page's."""

    number: int
    node: UUID
    act: Literal["hours", "words", "overrides"]
    change: Change
    reason: str | None
    published_by: UUID | None
    published_at: Moment
    moved_count: int
    moved: list[Moved]
    next: str | None


class Revision(Answer):
    """How many clocks were given their new due time, and how many no longer fitted."""

    revised: int
    passed_over: int


class ProjectWithoutHours(Answer):
    """A project that goes by the placeholder."""

    id: UUID
    name: str
