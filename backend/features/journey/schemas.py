"""What travels over the wire."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StrictInt

from backend.core.wire import Answer, Asked, Instant, Line, Moment, Prose

_Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2100, 12, 31))]


class CallMade(Asked):
    """A call as the person who made it records it (HC-11). What was not answered is recorded and is no contact."""

    kind: Literal["call"]
    who: Annotated[Line, Field(description="Who was called.", examples=["李欣"])]
    when: Instant
    reached: bool
    said: Prose | None = Field(default=None, examples=["业主表示满意"])


class Paper(Asked):
    """A photo, document, form or publication, by its name in the store it lies in."""

    kind: Literal["photo", "document", "form", "publication"]
    id: Annotated[Line, Field(examples=["DL-2026-0017"])]


Evidence = Annotated[CallMade | Paper, Field(discriminator="kind")]


class TaskDone(Asked):
    """What was done. What an obligation asks for as evidence stands in its task; a note is evidence of its own kind."""

    evidence: list[Evidence] = Field(default=[], max_length=50)
    note: Prose | None = None
    done_at: Instant | None = Field(default=None, description="When it was done; left out: just now.")
    late_reason: Line | None = Field(
        default=None,
        description="Why it is recorded only now: wanted for what was done on an earlier day (RC-20).",
    )


class TaskHome(Answer):
    """The home a task is about."""

    ownership_id: UUID
    building: str = Field(examples=["1号楼"])
    unit: str = Field(examples=["1单元"])
    room: str = Field(examples=["0101"])


class Task(Answer):
    """Something that is owed, in the hands of a role. `late_by` counts whole seconds since the limit passed."""

    id: UUID
    obligation: str = Field(examples=["specialist-first-contact"])
    name: str = Field(examples=["专员首次联系"])
    occurrence: date | None = Field(description="Of what recurs: the first day of its period.")
    step: str = Field(examples=["STEP-2"])
    project_id: UUID
    project: str = Field(examples=["朗润园"])
    home: TaskHome | None = Field(description="Null: it is owed once in the whole project.")
    journey_id: UUID
    role: str = Field(examples=["customer_relations_specialist"])
    held_at: UUID | None = Field(
        description="The node at which the role was held when the task arose; null: nobody held it anywhere."
    )
    vacant_passed: list[UUID] = Field(description="Nodes nearer by at which nobody held it.")
    state: Literal["open", "done", "void"]
    opened_at: Moment
    due_on: date | None
    due_at: Moment
    first_due_on: date | None = Field(description="The first promise.")
    late_by: int = Field(description="Seconds; 0 while in time.", examples=[0])
    provisional: bool = Field(description="Counted by a calendar that is not published yet.")
    wanted: list[str] = Field(description="The evidence that is asked for.", examples=[["call"]])
    evidence: list[dict[str, Any]]
    note: str | None
    done_at: Moment | None
    recorded_at: Moment | None
    late_reason: str | None
    version: int


class MoveDates(Asked):
    """Move one date of every home that has it: to a day, or by days or months. Exactly one of the three."""

    date: Literal[
        "subscribed_on", "signed_on", "delivery_due_on", "delivered_on", "keys_on", "moved_in_on"
    ] = Field(examples=["delivery_due_on"])
    to: _Day | None = None
    shift_days: Annotated[StrictInt, Field(ge=-3660, le=3660)] | None = None
    shift_months: Annotated[StrictInt, Field(ge=-120, le=120)] | None = Field(default=None, examples=[1])
    building_id: UUID | None = Field(default=None, description="Only the homes of this building.")
    reason: Annotated[
        Line, Field(min_length=2, examples=["竣工验收推迟"], description="Owners read it in their timeline.")
    ]


class HomeSkipped(Answer):
    """A home whose date could not move."""

    ownership_id: UUID
    home: str = Field(examples=["1号楼 1单元 0101"])
    code: str = Field(examples=["already_delivered"])


class DateMove(Answer):
    """How far a move of dates is. `total` counts the homes that had the date when it began."""

    id: UUID
    project_id: UUID
    building_id: UUID | None
    date: str = Field(examples=["delivery_due_on"])
    to: _Day | None
    shift_days: int | None
    shift_months: int | None
    reason: str
    actor_id: UUID
    state: Literal["running", "done"]
    total: int
    moved: int
    same: int
    skipped: list[HomeSkipped]
    created_at: Moment
    finished_at: Moment | None
