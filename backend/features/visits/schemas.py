"""The wire of visits."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StrictBool

from backend.core.wire import Answer, Asked, Instant, Line, Moment, Prose
from backend.features.visits.rules.answers import Part
from backend.features.visits.rules.findings import Becomes
from backend.features.visits.rules.kinds import Kind, Mode
from backend.features.visits.rules.states import Outcome, State, Void, Way

Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Seen = Annotated[Version | None, Field(description="Only as I have seen it.")]
Photos = Annotated[list[UUID], Field(max_length=20)]
Stars = Annotated[int, Field(ge=1, le=5, strict=True)]
LineNumber = Annotated[int, Field(ge=1, le=200, strict=True)]
Action = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class VisitAsked(Asked):
    """A visit of a home to be planned."""

    kind: Kind
    ownership_id: UUID
    due_at: Instant | None = Field(default=None, description="Left out: the method gives no time.")


class VisitBooked(Asked):
    """A time for a visit. `visitor_id`: who makes it, by an employee."""

    starts_at: Instant
    ends_at: Instant
    mode: Mode
    visitor_id: UUID | None = None
    words: Prose | None = Field(default=None, examples=["请先打电话"])
    base_version: Seen = None


class VisitGiven(Asked):
    """Who is to make it."""

    account_id: UUID
    base_version: Seen = None


class VisitCalledOff(Asked):
    """Why what was booked does not take place."""

    reason: Prose
    base_version: Seen = None


class VisitTried(Asked):
    """A try at reaching whom the visit is for: a person records it, with what was said (HC-11)."""

    way: Way
    reached: StrictBool
    words: Prose = Field(examples=["无人接听"])
    at: Instant | None = Field(default=None, description="Left out: just now.")


class VisitMissed(Asked):
    """Who was not there at the booked time."""

    absent: Literal["owner", "visitor"]
    words: Prose
    base_version: Seen = None


class VisitFound(Asked):
    """What was found. What becomes a ticket needs place and component."""

    words: Prose = Field(examples=["厨房水槽下方渗水"])
    becomes: Becomes
    place: Line | None = None
    component: Action | None = None
    urgent: StrictBool = False
    photos: Photos = Field(default=[])


class QuestionAnswered(Asked):
    """What was said to a question of the script, by its number."""

    line: LineNumber
    said: Prose
    yes: StrictBool | None = None


class LineChecked(Asked):
    """An item of the checklist, by its number; what is not sound needs words."""

    line: LineNumber
    sound: StrictBool
    words: Prose | None = None


class ActionDone(Asked):
    """A2: whether a standard action was done (RV-18); null: they cannot say."""

    action: Action
    done: StrictBool | None


class ActionScored(Asked):
    """A3: how good it was (RV-19)."""

    action: Action
    stars: Stars


class VisitMade(Asked):
    """A visit as it was made: every question and item answered. Of an earlier day it is a late entry with a reason."""

    mode: Mode
    summary: Prose
    answers: Annotated[list[QuestionAnswered], Field(max_length=200)] = Field(default=[])
    checks: Annotated[list[LineChecked], Field(max_length=200)] = Field(default=[])
    done: Annotated[list[ActionDone], Field(max_length=200)] = Field(default=[])
    scored: Annotated[list[ActionScored], Field(max_length=200)] = Field(default=[])
    accepted: StrictBool | None = Field(
        default=None, description="Whether the owner accepts the result; wanted of a repair and a complaint."
    )
    stars: Stars | None = None
    opinion: Prose | None = None
    photos: Photos = Field(default=[])
    at: Instant | None = Field(default=None, description="When it was made; left out: just now.")
    late_reason: Line | None = None
    base_version: Seen = None


class ReportAsked(Asked):
    """The report of a round of visits: its figures are taken as they stand."""

    node: UUID
    from_: date = Field(alias="from", ge=date(1990, 1, 1), le=date(2100, 1, 1))
    to: date = Field(ge=date(1990, 1, 1), le=date(2100, 1, 1))
    kind: Kind | None = None
    words: Prose
    improvements: Annotated[list[Prose], Field(max_length=50)] = Field(default=[])
    roles: Annotated[list[Line], Field(min_length=1, max_length=20)] = Field(
        description="The departments it goes to.", examples=[["project_engineer"]]
    )


class VisitPlace(Answer):
    """Where it is: the node; the home, where it is about one."""

    node_id: UUID
    node: str
    project: str | None
    ownership_id: UUID | None
    building: str | None
    unit: str | None
    room: str | None


class VisitContact(Answer):
    """Whom to reach: in full for who makes it and for the household, masked for others."""

    account_id: UUID | None
    name: str | None
    phone: str | None


class VisitBookedFor(Answer):
    """The time it is booked for."""

    starts_at: Moment
    ends_at: Moment
    mode: Mode


class ListedVisit(Answer):
    """A visit in a list."""

    id: UUID
    kind: Kind
    kind_words: str
    state: State
    subject_kind: str
    subject_id: UUID
    thread_id: UUID
    place: VisitPlace
    contact: VisitContact
    role: str
    visitor_id: UUID | None
    visitor: str | None
    due_at: Moment | None
    first_due_at: Moment | None
    overdue: bool
    booked: VisitBookedFor | None
    completed_at: Moment | None
    low: bool
    version: int


class VisitQuestion(Answer):
    """A question of the script or an item of the checklist, by its number."""

    line: int
    text: str
    rules: list[str]


class VisitAction(Answer):
    """A standard action that A2 and A3 ask about."""

    action: str
    name: str
    rules: list[str]


class VisitBookingTold(Answer):
    """A booking, and what became of it; null: it is to come."""

    starts_at: Moment
    ends_at: Moment
    mode: Mode
    booked_at: Moment
    outcome: Outcome | None
    words: str | None


class VisitAttemptTold(Answer):
    """A try at reaching somebody."""

    by_id: UUID
    way: Way
    reached: bool
    words: str | None
    at: Moment
    recorded_at: Moment


class VisitAnswerTold(Answer):
    """An answer as it was given."""

    part: Part
    line: str
    said: str | None
    yes: bool | None
    score: int | None


class VisitFindingTold(Answer):
    """What was found, and what it has become."""

    number: int
    becomes: Becomes
    place: str | None
    component: str | None
    words: str
    photos: list[UUID]
    at: Moment
    ticket_id: UUID | None
    case_id: UUID | None


class VisitMadeTold(Answer):
    """A visit as it was made. `low`: not accepted, or found bad."""

    at: Moment
    recorded_at: Moment
    mode: Mode
    accepted: bool | None
    stars: int | None
    low: bool
    opinion: str | None
    summary: str
    photos: list[UUID]


class Visit(ListedVisit):
    """A visit with all it asks and all that came of it. `may_make`: the caller may; who handled the matter may not."""

    script: list[VisitQuestion]
    checklist: list[VisitQuestion]
    actions: list[VisitAction]
    bookings: list[VisitBookingTold]
    attempts: list[VisitAttemptTold]
    answers: list[VisitAnswerTold]
    findings: list[VisitFindingTold]
    made: VisitMadeTold | None
    void_why: Void | None
    voided_at: Moment | None
    may_make: bool


class VisitFigures(Answer):
    """What a round of visits says: by kind, by the five types, by question and action, by what was found."""

    kinds: list[dict[str, Any]]
    types: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    findings: list[dict[str, Any]]


class VisitReport(Answer):
    """The report of a round (RV-09, RV-14), with its figures as they stood. `told`: how many persons it went to."""

    id: UUID
    node_id: UUID
    kind: Kind | None
    from_on: date
    until_on: date
    figures: VisitFigures
    words: str
    improvements: list[str]
    roles: list[str]
    told: int
    by_id: UUID
    at: Moment
