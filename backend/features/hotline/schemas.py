"""The wire of cases."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool, StringConstraints

from backend.core.wire import Answer, Asked, Instant, Line, Moment, Prose, one_line
from backend.features.hotline.acts import Component, Informed, Step
from backend.features.hotline.rules.states import State
from backend.features.hotline.rules.words import (
    Category,
    Channel,
    ClosingReason,
    Kind,
    PauseReason,
    Service,
    Severity,
    Validity,
)
from backend.platform.clocks import ClockState

Photos = Annotated[list[UUID], Field(max_length=20)]

Address = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[^@\s]{1,255}$",
    ),
    AfterValidator(one_line),
]


class WhomToReach(Asked):
    """Whom to reach, when it is nobody who has an account."""

    name: Line | None = None
    phone: Annotated[str, Field(min_length=5, max_length=30)] | None = None
    email: Address | None = None


class RepairOfCase(Asked):
    """What a ticket needs beside the gist."""

    place: Line = Field(examples=["厨房水槽"])
    component: Component
    urgent: StrictBool = False


class NewCase(Asked):
    """What somebody brings. `id`: made by the client, so that sending it again opens nothing anew.

    An owner sends the gist and where it is; any employee adds how it came and whom to reach (HC-26); the desk also
    says how grave it is, what it is about and at which step (AG-02).
    """

    id: UUID | None = None
    kind: Kind = Field(examples=["complaint"])
    gist: Prose = Field(examples=["电梯三天两头停运，一直没有人来修"])
    channel: Channel = Field(default="online_form", description="How it came in (HC-48); not by owners.")
    ownership_id: UUID | None = Field(default=None, description="The home it is about; else `project_id`.")
    project_id: UUID | None = Field(default=None, description="The project, for what is about no home.")
    common_part: StrictBool = False
    anonymous: StrictBool = False
    reporter_id: UUID | None = Field(
        default=None, description="By an employee: the owner whose matter it is."
    )
    contact: WhomToReach | None = None
    severity: Severity | None = None
    category: Category | None = Field(default=None, description="Dispatches it at once.")
    step: Step | None = Field(default=None, description="Of the journey; left out, the home's present one.")
    service: Service | None = Field(default=None, description="What is ordered (CV-03 to CV-06).")
    provider: Line | None = None
    promised_at: Instant | None = Field(
        default=None, description="By when an ordered service is done, as agreed with the owner."
    )
    customer_position: Prose | None = None
    responsible_id: UUID | None = Field(
        default=None, description="Left out: whoever of the position is on duty."
    )
    informed: Informed = Field(default=[])
    about_id: UUID | None = Field(
        default=None, description="The employee it is about: kept from it for good."
    )
    from_thread: UUID | None = Field(
        default=None, description="The thread it comes out of, such as a conversation's."
    )
    photos: Photos = Field(default=[])
    repair: RepairOfCase | None = Field(default=None, description="For a repair: it goes on as a ticket.")
    received_at: Instant | None = Field(
        default=None, description="When it was received, where it is written down later (CT-45)."
    )
    late_reason: Line | None = Field(default=None, description="Why it is written down later.")


class CasePlace(Answer):
    """Where it is; without a home it is about the project or its common parts."""

    project_id: UUID
    project: str
    ownership_id: UUID | None
    building: str | None
    unit: str | None
    room: str | None
    common_part: bool


class CaseContact(Answer):
    """Whom to reach: in full for the household and whoever has it, masked for others."""

    name: str | None
    phone: str | None
    email: str | None


class Responsible(Answer):
    """Whose it is: the position, and the person. `because`: why they, for staff."""

    role: str
    role_words: str
    account_id: UUID | None
    name: str | None
    because: dict[str, Any] | None


class CasePromise(Answer):
    """A clock: what is promised, by when, what was promised first, and how it stands (CT-05)."""

    code: str
    round: int
    name: str
    words: str | None = Field(description="What is promised, in plain words.")
    stands: str = Field(description="How it stands, in plain words.")
    starts_at: Moment
    due_at: Moment
    first_promise: Moment
    provisional: bool = Field(description="A notice of holidays that is not published yet may move it.")
    state: ClockState
    breached_at: Moment | None
    ended_at: Moment | None


class LinkOfCase(Answer):
    """Another matter that this one has to do with."""

    kind: str
    id: UUID
    why: str


class CaseAlike(Answer):
    """A case of the last thirty days that may be about the same."""

    id: UUID
    number: str
    kind: Kind
    category: Category | None
    gist: str
    state: State
    received_at: Moment


class CaseInside(Answer):
    """What is for staff alone: positions before a proposal (CT-26), the judgement (HC-16), who took it in."""

    opened_by: UUID
    opened_at: Moment
    late_reason: str | None
    informed: list[str]
    customer_position: str | None
    company_position: str | None
    validity: Validity | None
    cause: str | None
    harm: str | None
    alike: list[CaseAlike]


class Case(Answer):
    """One case, as the caller sees it. `can`: the moves they may make now."""

    id: UUID
    number: str
    thread_id: UUID
    from_thread_id: UUID | None
    ticket_id: UUID | None
    kind: Kind
    channel: Channel
    severity: Severity
    category: Category | None
    step: str | None
    service: Service | None
    provider: str | None
    gist: str
    photos: list[UUID]
    place: CasePlace
    anonymous: bool
    contact: CaseContact
    state: State
    state_words: str
    round: int
    responsible: Responsible | None
    paused_for: PauseReason | None
    promises: list[CasePromise]
    links: list[LinkOfCase]
    received_at: Moment
    done_at: Moment | None
    ended_at: Moment | None
    close_reason: ClosingReason | None
    merged_into_id: UUID | None
    inside: CaseInside | None
    version: int
    can: list[str]
