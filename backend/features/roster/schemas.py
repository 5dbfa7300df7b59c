"""What travels over the wire."""

from datetime import date
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import Field, StringConstraints

from backend.core.wire import Answer, Asked, Instant, Line, Moment
from backend.features.roster.rules import Ground, Kind

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"


class Shift(Asked):
    """On duty from `opens` until just before `closes`, local time. Closing no later than it opens is on the next day.

    A shift belongs to the day it opens on, and holds on public holidays too.
    """

    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)]
    opens: Annotated[str, StringConstraints(pattern=f"^{_CLOCK}$"), Field(examples=["20:00"])]
    closes: Annotated[str, StringConstraints(pattern=f"^({_CLOCK}|24:00)$"), Field(examples=["08:00"])]
    since: date | None = Field(default=None, description="The first day it opens on; null: it always has.")
    until: date | None = Field(
        default=None, description="The first day it no longer opens on; null: it goes on."
    )


class ShiftsSet(Asked):
    """All shifts of a position. None: on duty around the clock, and so on days on which none is valid."""

    shifts: Annotated[list[Shift], Field(max_length=50)]
    reason: Line = Field(examples=["十二月排班"])


class Shifts(Answer):
    """The shifts of a position, and who set them. `around_the_clock`: there are none."""

    position: UUID
    account: UUID
    account_name: str | None
    role: str
    role_name: str
    node: UUID
    node_name: str
    shifts: list[Shift]
    around_the_clock: bool
    time_zone: Literal["Asia/Shanghai"] = "Asia/Shanghai"
    reason: str | None
    set_by: UUID | None
    set_by_name: str | None
    set_at: Moment | None
    version: int


class OnDuty(Answer):
    """Somebody on duty.

    `why`: by a `shift`; by `extra` duty; as a `stand_in`, for the position `stands_in_for`; `always`: no shifts are
    set, so around the clock. `until`: null, when no end is in sight within 8 days.
    """

    account: UUID
    account_name: str | None
    position: UUID
    node: UUID
    why: Ground
    stands_in_for: UUID | None
    until: Moment | None


class Passed(Answer):
    """A nearer node that was passed: `vacant`, nobody holds the role there; `off_duty`, whoever does is off duty."""

    node: UUID
    why: Literal["vacant", "off_duty"]


class Roster(Answer):
    """Who is on duty at `at`, at the nearest node at which anybody is; and who is at `changes_at`.

    `changes_at`: null, when it stays so for 8 days.
    """

    project: UUID
    role: str
    role_name: str
    at: Moment
    on_duty: list[OnDuty]
    passed: list[Passed]
    changes_at: Moment | None
    next: list[OnDuty]


class OverrideEntered(Asked):
    """Something unlike the shifts, for a time."""

    position: UUID
    kind: Kind = Field(description="`absent`, whatever the shifts say; or `extra` duty.", examples=["absent"])
    since: Instant = Field(examples=["2026-10-01T00:00:00+08:00"])
    until: Instant | None = Field(
        default=None,
        description="The moment it is over; null: until it is ended, for an absence.",
        examples=["2026-10-08T00:00:00+08:00"],
    )
    stand_in: UUID | None = Field(
        default=None,
        description="A position of the same role, held at the same node or above, that takes over the shifts.",
    )
    reason: Line = Field(examples=["国庆休假"])


class Override(Answer):
    """An override. `ended_at`: it was ended then, before its time."""

    id: UUID
    position: UUID
    account: UUID
    account_name: str | None
    role: str
    node: UUID
    node_name: str
    kind: Kind
    since: Moment
    until: Moment | None
    stand_in: UUID | None
    stand_in_account: UUID | None
    stand_in_name: str | None
    reason: str
    entered_by: UUID
    entered_by_name: str | None
    entered_at: Moment
    ended_at: Moment | None
    ended_by: UUID | None
