"""What the owner's timeline gives. It is put together in `telling`; this is its declared shape."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from backend.core.wire import Answer, Moment
from backend.features.journey.models import MilestoneState
from backend.platform.threads import Audience


class TimelineHome(Answer):
    """The home it is about."""

    building: str = Field(examples=["1号楼"])
    unit: str = Field(examples=["1单元"], description="Empty for a building without units")
    room: str = Field(examples=["0101"])


class TimelineProject(Answer):
    """Where it stands."""

    id: UUID
    name: str = Field(examples=["朗润园"])


class TimelineStandard(Answer):
    """What the journey was laid out from."""

    code: str = Field(examples=["six-plus-two"])
    version: str = Field(examples=["A/0"])


class TimelineStep(Answer):
    """A step of the method, in the caller's language."""

    code: str = Field(examples=["STEP-3"])
    number: str = Field(examples=["3"])
    name: str = Field(examples=["亲密接触"])
    when: str = Field(examples=["签约后、交付前"])
    touchpoint: str = Field(examples=["等待"])
    core: str = Field(examples=["工地开放，进展通报"])
    kind: Literal["in_order", "under_all", "of_project"] = Field(
        description="`under_all`: a band under all the others (+1); `of_project`: hangs on the project (+2)"
    )
    state: Literal["passed", "current", "ahead"]


class TimelineRole(Answer):
    """A role, and what it is called."""

    code: str = Field(examples=["customer_relations_specialist"])
    name: str = Field(examples=["客户关系专员"])


class TimelineContact(Answer):
    """Whom to turn to. Nobody holds a fitting role: `name` and `role` are null, and the project's own ways are left.

    `hotline` null is a gap of the project, to be shown as one.
    """

    name: str | None = Field(examples=["王芳"])
    role: TimelineRole | None
    hotline: str | None = Field(examples=["400-100-2000"])
    service_centre: str | None = Field(examples=["朗润园物业服务中心"])
    service_hours: str | None = Field(examples=["周一至周日 9:00-18:00"])


class TimelineComing(Answer):
    """Something that is due, or comes next."""

    id: UUID = Field(description="That of the promise")
    name: str = Field(examples=["交付通知和资料"])
    due_on: date
    state: Literal["coming", "due"]


class TimelineEntry(Answer):
    """A line of what happened: see `GET /v1/threads/{thread_id}/entries`."""

    seq: int
    kind: str = Field(examples=["date_moved"])
    author: UUID | None = Field(description="null: noted by the system")
    body: dict[str, Any]
    at: Moment
    audience: Audience
    cid: str | None
    hides: int | None
    erased: bool


class TimelineHappened(Answer):
    """The newest lines, the newest first. Further pages: `GET /v1/threads/{thread}/entries?before={next}`."""

    thread: UUID
    items: list[TimelineEntry]
    next: int | None


class TimelinePromise(Answer):
    """One obligation: what was promised first, what is promised now, and how it stands."""

    id: UUID
    obligation: str = Field(examples=["three-month-visit"])
    of: Literal["ownership", "project"] = Field(description="`project`: promised to the project as a whole")
    name: str = Field(examples=["入住三个月回访"])
    step: str = Field(examples=["STEP-5"])
    promise: str | None = Field(
        examples=["入住满三个月时（2026年12月18日），客户关系专员上门回访。"],
        description="The sentence in the caller's language; null for what no owner is shown",
    )
    responsible: TimelineRole | None
    state: MilestoneState
    first_due_on: date | None = Field(description="The first promise; it never changes")
    due_on: date | None = Field(description="The present promise; null: its date is not known")
    provisional: bool = Field(description="Counted by a calendar of holidays that is not published yet")
    done_at: Moment | None
    kept: bool | None = Field(
        description="Done in time; false: too late or missed; null: still open, or from before the record"
    )
    before_record: bool = Field(
        description="Its day was over when this record began: whether it was kept then is not known here"
    )
    owner_sees: bool


class TimelineSums(Answer):
    """Promises by what became of them; `promised` is all of them. Those that never applied do not count."""

    promised: int
    kept: int
    kept_late: int
    late: int = Field(description="Overdue, and still owed")
    missed: int
    open: int = Field(description="Due or coming, in time")
    before_record: int = Field(description="Of days before this record began; not among `promised`")


class Timeline(Answer):
    """A home's journey, in one answer."""

    ownership_id: UUID
    home: TimelineHome
    project: TimelineProject
    standard: TimelineStandard
    step: str = Field(description="The code of the step in order where the owner is", examples=["STEP-3"])
    steps: list[TimelineStep]
    next: list[TimelineComing] = Field(description="At most five, by their days")
    contact: TimelineContact
    happened: TimelineHappened
    promises: list[TimelinePromise] = Field(description="By their days; those without one last")
    sums: TimelineSums
