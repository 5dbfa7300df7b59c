"""What travels over the wire."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints

from backend.core.wire import Answer, Asked, Instant, Line, Moment, Prose, printable
from backend.features.progress.rules import (
    MOST_BUILDINGS,
    MOST_NAMES,
    MOST_PHOTOS,
    MOST_SLOTS,
    WAITING,
    Kind,
    State,
)

Story = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), AfterValidator(printable)
]
"""Text a person typed, as long as a letter or a newsletter: 1 to 20,000 characters, trimmed."""

_Month = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2100, 12, 31))]


class BuildingSaid(Asked):
    """A building, and how far it is."""

    building: UUID
    percent: Annotated[StrictInt, Field(ge=0, le=100)] | None = Field(default=None, examples=[65])


class PhotoSaid(Asked):
    """A photo that the writer has handed in (`POST /v1/files`) and that is ready."""

    file: UUID
    viewpoint: Line | None = Field(
        default=None,
        description="From where: photos of one viewpoint are a series, month by month.",
        examples=["3号楼南立面"],
    )
    caption: Line | None = Field(default=None, examples=["主体结构施工至18层"])


class SlotSaid(Asked):
    """A place and time of an open day."""

    place: Line = Field(examples=["工地东门集合"])
    starts_at: Instant
    ends_at: Instant
    capacity: Annotated[StrictInt, Field(ge=1, le=10_000)] = Field(description="Persons", examples=[30])


class PostSaid(Asked):
    """What a post says and whom it is for."""

    title: Line = Field(examples=["11月工程进展"])
    text: Story = Field(examples=["主体结构封顶，开始砌筑。"], description="What has changed")
    stage: Line | None = Field(default=None, examples=["主体施工"])
    milestone: Line | None = Field(
        default=None,
        description="A code of the standard's `progress-milestones`, such as `topped-out` or `scaffolding-down`, or in"
        " own words: the list is open (S3-30).",
    )
    month: _Month | None = Field(
        default=None,
        description="The first day of the month that a progress post reports on; left out: that of its publication.",
    )
    everywhere: StrictBool = Field(
        default=True, description="For the whole project; else for `buildings` only."
    )
    buildings: list[BuildingSaid] = Field(default=[], max_length=MOST_BUILDINGS)
    steps: list[Annotated[str, StringConstraints(max_length=20)]] = Field(
        default=[WAITING],
        max_length=10,
        description="For the homes whose present step is one of these; empty: for every owner.",
    )
    photos: list[PhotoSaid] = Field(default=[], max_length=MOST_PHOTOS)
    slots: list[SlotSaid] = Field(default=[], max_length=MOST_SLOTS, description="Of an open day")
    names: list[UUID] = Field(
        default=[],
        max_length=MOST_NAMES,
        description="The accounts of the residents whom it names or pictures. It is published only while each of them"
        " consents to that.",
    )


class PostBegun(PostSaid):
    """A post to be begun. With an `id` of the client's own, a request that is sent twice makes one post."""

    id: UUID | None = None
    kind: Kind
    corrects: UUID | None = Field(
        default=None,
        description="Of a correction: the post it puts right. It is for those whom that was for.",
    )


class Reviewed(Asked):
    """What the reviewer says: approved, or sent back with an opinion."""

    approved: StrictBool
    opinion: Prose | None = None


class Scheduled(Asked):
    """When a post is to be published; left out: now."""

    at: Instant | None = None


class TakenBack(Asked):
    """Why a post is taken back."""

    reason: Annotated[Line, Field(min_length=2, examples=["照片放错楼栋"])]


class Audience(Answer):
    """Whom a post would be told to, were it published now."""

    homes: int
    people: int


class Building(Answer):
    """A building, and how far it is, in percent."""

    building: UUID
    name: str = Field(examples=["3号楼"])
    percent: int | None


class PhotoSize(Answer):
    """One size of a photo, and a link that opens it for some minutes without a header."""

    width: int | None
    height: int | None
    link: str


class Photo(Answer):
    """A photo, in the sizes there are: `thumbnail`, `screen`, `full`."""

    file: UUID
    viewpoint: str | None
    caption: str | None
    sizes: dict[str, PhotoSize]


class Slot(Answer):
    """A place and time of an open day. `left`: for how many persons there is room."""

    id: UUID
    place: str
    starts_at: Moment
    ends_at: Moment
    left: int


class Booking(Answer):
    """A place that a home has at an open day."""

    id: UUID
    slot: UUID
    ownership: UUID
    place: str
    starts_at: Moment
    ends_at: Moment
    persons: int
    booked_at: Moment
    cancelled_at: Moment | None


class Named(Answer):
    """A resident whom a post names or pictures, and whether they consent to that now. The name is cut."""

    account: UUID
    name: str | None = Field(examples=["孙**"])
    consented: bool


class Desk(Answer):
    """What only employees see of a post: how it came to be, and what became of it."""

    written_by: UUID
    edited_by: UUID
    edited_at: Moment
    reviewed_by: UUID | None
    reviewed_at: Moment | None
    opinion: str | None
    scheduled_by: UUID | None
    publish_at: Moment | None
    taken_back_by: UUID | None
    taken_back_at: Moment | None
    taken_back_reason: str | None
    steps: list[str]
    names: list[Named]
    told: int
    read: int
    confirmed: int
    version: int


class Post(Answer):
    """Something a project tells its owners. Published, it stays as it is; `corrected_by` put it right."""

    id: UUID
    project: UUID
    kind: Kind
    state: State
    title: str
    text: str
    stage: str | None
    milestone: str | None = Field(examples=["封顶"])
    month: date | None
    everywhere: bool
    buildings: list[Building]
    photos: list[Photo]
    slots: list[Slot]
    corrects: UUID | None
    corrected_by: list[UUID]
    must_confirm: bool = Field(description="Its readers are asked to say that they have read it.")
    published_at: Moment | None
    read_at: Moment | None = Field(description="By the owner who asks")
    confirmed_at: Moment | None
    booking: Booking | None = Field(description="Of the owner's home")
    desk: Desk | None = Field(description="Null for owners")


class Reader(Answer):
    """Somebody a post is for: name cut, phone masked. `told_at` is null for who bought later and read it."""

    account: UUID
    name: str | None = Field(examples=["孙**"])
    phone: str | None = Field(examples=["+86 138****5678"])
    ownership: UUID
    building: str
    unit: str
    room: str
    told_at: Moment | None
    read_at: Moment | None
    confirmed_at: Moment | None


class BookingAsked(Asked):
    """A place at an open day, for a home of mine. With an `id` of the client's own it may be sent twice."""

    id: UUID | None = None
    slot: UUID
    persons: Annotated[StrictInt, Field(ge=1, le=100)] = Field(examples=[2])
    ownership: UUID | None = Field(default=None, description="Which of my homes; left out: the first.")


class Visitor(Answer):
    """Who comes to an open day, or has cancelled: name cut, phone masked."""

    id: UUID
    slot: UUID
    place: str
    starts_at: Moment
    account: UUID
    name: str | None
    phone: str | None
    ownership: UUID
    building: str
    unit: str
    room: str
    persons: int
    booked_at: Moment
    cancelled_at: Moment | None


class SeriesPhoto(Answer):
    """One photo of a series, and the post it was shown in."""

    file: UUID
    post: UUID
    published_at: Moment
    caption: str | None
    sizes: dict[str, PhotoSize]


class Viewpoint(Answer):
    """A viewpoint with its photos, the oldest first."""

    name: str = Field(examples=["3号楼南立面"])
    photos: list[SeriesPhoto]
