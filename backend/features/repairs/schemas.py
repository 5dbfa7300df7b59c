"""The wire of repairs."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StrictBool

from backend.core.wire import Answer, Asked, Instant, Line, Moment, Prose
from backend.features.files.service import Size
from backend.features.repairs.acts import Photos
from backend.features.repairs.rules.states import State
from backend.platform.clocks import ClockState

Component = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60, examples=["pipes"])]


class Span(Asked):
    """A time that suits."""

    starts_at: Instant
    ends_at: Instant


class NewTicket(Asked):
    """A repair to be reported. `id`: made by the phone, so that sending it again opens nothing anew."""

    id: UUID | None = None
    ownership_id: UUID
    place: Line = Field(examples=["厨房水槽"])
    component: Component = Field(
        description="As the warranty's catalogue has it; anything else is not in it.", examples=["pipes"]
    )
    description: Prose = Field(examples=["水槽下面在漏水"])
    photos: Photos = Field(default=[])
    suits: Annotated[list[Span], Field(max_length=10)] = Field(default=[])
    urgent: StrictBool = False
    from_thread: UUID | None = Field(
        default=None, description="The thread it comes out of, such as a conversation's."
    )
    reporter_id: UUID | None = Field(default=None, description="By an employee: whose matter it is.")


class MoveAsked(Asked):
    """A move, and what it brings: see docs/repairs.md for the moves and what each needs."""

    move: Annotated[str, Field(max_length=40, pattern=r"^[a-z_]+$", examples=["accept"])]
    data: dict[str, Any] = Field(default={}, examples=[{}])
    base_version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        default=None, description="Only as I have seen it."
    )


class Project(Answer):
    id: UUID
    name: str


class Home(Answer):
    """Where it is."""

    ownership_id: UUID
    building: str
    unit: str
    room: str


class Engineer(Answer):
    """The one person, from report to end (RP-02 to RP-04), by name and face, and why it is they.

    `phone`: to call them, for the household while the ticket lives (OW-11); null where a number service connects calls.
    """

    account_id: UUID
    name: str | None
    phone: str | None
    photo: dict[Size, str] | None = Field(
        description="Links to its sizes, for some minutes; null: they show none"
    )
    because: dict[str, Any]


class Contact(Answer):
    """Whom to call: in full for the engineer and the household, masked for others."""

    name: str | None
    phone: str | None


class Promise(Answer):
    """A clock: what is promised, by when, what was promised first, and how it stands (CT-05)."""

    code: str
    round: int
    starts_at: Moment
    due_at: Moment
    first_promise: Moment
    state: ClockState
    words: str | None
    pauses: list[dict[str, Any]]
    ended_at: Moment | None


class Ticks(Answer):
    """The four ticks of 1-1-1-0."""

    one_person: bool
    one_protection: bool
    one_cleaning: bool
    zero_worry: bool


class Protection(Answer):
    """What is covered at this visit."""

    item: str
    absent: bool
    photos: list[UUID]
    at: Moment


class Finish(Answer):
    """What was done, and what it cost us beside."""

    words: str
    photos: list[UUID]
    losses: dict[str, Any]
    at: Moment


class Cleaning(Answer):
    """The cleaning, free of charge."""

    company: str
    starts_at: Moment
    price_fen: int
    ticked_at: Moment | None


class Signature(Answer):
    """The owner's opinion and date; null: a bare signature, which is consent (RC-10)."""

    opinion: str | None
    signed_on: date
    photo: UUID | None


class Living(Answer):
    """A request for living conditions."""

    words: str
    asked_at: Moment
    granted: bool | None
    decision: str | None


class Rating(Answer):
    """What the household thought."""

    stars: int
    words: str | None


class Succession(Answer):
    """A change of the engineer, with who approved it and why."""

    from_name: str | None
    to_name: str | None
    approved_by: str | None
    reason: Literal["left_company", "long_illness", "owner_asks"]
    words: str
    at: Moment


class Ticket(Answer):
    """One repair, as the caller sees it. `can`: the moves they may make now; a gate may still want its evidence."""

    id: UUID
    thread_id: UUID
    from_thread_id: UUID | None
    project: Project
    home: Home
    place: str
    component: str
    description: str
    photos: list[UUID] = Field(
        description="Before: as it was reported; after the work they stand in `finish`."
    )
    suits: list[dict[str, Any]]
    urgent: bool
    cover: dict[str, Any]
    state: State
    state_words: str
    hold_reason: str | None
    engineer: Engineer | None
    contact: Contact
    promises: list[Promise]
    ticks: Ticks
    protections: list[Protection]
    finish: Finish | None
    cleaning: Cleaning | None
    signature: Signature | None
    living: Living | None
    rating: Rating | None
    successions: list[Succession]
    visit: int
    visits_abortive: int
    appointments_moved: int
    opened_at: Moment
    done_at: Moment | None
    ended_at: Moment | None
    version: int
    can: list[str]


class NextPromise(Answer):
    """What is owed next."""

    code: str
    due_at: Moment
    first_promise: Moment
    state: ClockState


class ListedTicket(Answer):
    """A ticket in a list."""

    id: UUID
    thread_id: UUID
    ownership_id: UUID
    place: str
    component: str
    urgent: bool
    state: State
    state_words: str
    engineer: str | None
    promise: NextPromise | None
    opened_at: Moment
    version: int


class Tickets(Answer):
    """A page of tickets. `next` is the cursor of the following page; null on the last."""

    items: list[ListedTicket]
    next: str | None = None


class Alike(Answer):
    """A ticket of the last thirty days that may be about the same."""

    id: UUID
    place: str
    component: str
    description: str
    state: State
    opened_at: Moment


class Duplicates(Answer):
    """What may be the same."""

    items: list[Alike]
