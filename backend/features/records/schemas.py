"""What the records' addresses take and give."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from backend.core.wire import Answer, Asked, Line, Moment, Prose, one_line, printable
from backend.features.records.service import LAST_SEQ
from backend.platform.threads import Audience

Seq = Annotated[int, Field(ge=0, le=LAST_SEQ)]

SPOKEN_MOST: Final = 4000
"""Characters of a line of words."""

Spoken = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=SPOKEN_MOST),
    AfterValidator(printable),
]

Cid = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Text(Asked):
    """Words."""

    text: Spoken = Field(examples=["厨房水槽下面在漏水"])


class Photo(Asked):
    """A picture that was handed in before; what stands under it."""

    file: UUID
    caption: Prose | None = None


class File(Asked):
    """A file that was handed in before, under the name it is shown by."""

    file: UUID
    name: Line


class Voice(Asked):
    """A recording that was handed in before, and how long it is."""

    file: UUID
    seconds: Annotated[float, Field(gt=0, le=600, strict=True, allow_inf_nan=False)]


class Place(Asked):
    """A point on the map (WGS 84, degrees), and what is there."""

    latitude: Annotated[float, Field(ge=-90, le=90, strict=True, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, strict=True, allow_inf_nan=False)]
    name: Line | None = None


Said = Text | Photo | File | Voice | Place

BODIES: Final[dict[str, type[Asked]]] = {
    "text": Text,
    "photo": Photo,
    "file": File,
    "voice": Voice,
    "place": Place,
}


class Say(Asked):
    """A line by a person. `body` is that of its kind."""

    kind: Literal["text", "photo", "file", "voice", "place"]
    body: Said
    cid: Cid = Field(
        description="Made by the sender, once a line: sent again, it gives the first line and writes nothing.",
        examples=["0199d6a0-7c2e-7000-8000-6d1c5e0f4b11"],
    )
    audience: Audience = Field(default="all", description="`staff`: an internal note; for employees only")

    @field_validator("body", mode="plain", json_schema_input_type=Said)
    @classmethod
    def _of_its_kind(cls, body: Any, info: ValidationInfo) -> Asked:
        # A kind that is none has its own fault already.
        return BODIES[info.data.get("kind", "text")].model_validate(body)


class Put(Answer):
    """The line stands on record."""

    seq: int = Field(examples=[7])
    at: Moment
    cid: str | None = None


class Read(Asked):
    """Everything up to here has been read."""

    seq: Annotated[Seq, Field(strict=True)]


class Mark(Answer):
    """How far I have read."""

    read: int


class Thread(Answer):
    """A thread, as I stand on it."""

    id: UUID
    subject: str = Field(description="What kind of thing it is about", examples=["journey"])
    subject_id: UUID
    head: int = Field(description="The seq of the last line I may see")
    read: int = Field(description="How far I have read")
    unread: int = Field(description="Lines of others after that")


class Entry(Answer):
    """A line. Numbers may be missing from a list: not every line is for every reader."""

    seq: int
    kind: str = Field(examples=["text"])
    author: UUID | None = Field(description="null: noted by the system")
    body: dict[str, Any] = Field(examples=[{"text": "厨房水槽下面在漏水"}])
    at: Moment
    audience: Audience
    cid: str | None
    hides: int | None = Field(description="With `withdrawn`: the line that is taken back and no longer shown")
    erased: bool = Field(description="The body was removed on request")


class Entries(Answer):
    """A page of a thread. `next` is the `after` or `before` of the following page; null on the last."""

    items: list[Entry]
    next: int | None


SubjectKind = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]


class MyThread(Answer):
    """One of my threads. `unread` is counted up to 100: that many, or more."""

    id: UUID
    subject: str = Field(description="What kind of thing it is about", examples=["journey"])
    subject_id: UUID
    head: int = Field(description="The seq of the last line I may see")
    read: int = Field(description="How far I have read")
    unread: int = Field(description="Lines of others after that", le=100)
    last: Entry = Field(description="The last line I may see; of a text the first 100 characters")


class Threads(Answer):
    """A page of my threads. `next` is the cursor of the following page; null on the last."""

    items: list[MyThread]
    next: str | None


Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=100), AfterValidator(one_line)
]


class Hit(Answer):
    """A line in which the words stand."""

    thread: UUID
    subject: str = Field(examples=["journey"])
    subject_id: UUID
    seq: int
    author: UUID | None
    at: Moment
    snippet: str = Field(description="The words with what stands around them", examples=["…水槽下面在漏水…"])


_AROUND: Final = 30


def snippet(line: str, words: str) -> str:
    """The first place of `words` in a line, with what stands around it."""
    place = max(line.lower().find(words.lower()), 0)
    start, end = max(place - _AROUND, 0), place + len(words) + _AROUND
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")


class Person(Answer):
    """Somebody on a thread. An employee's `role` is the one held longest of today's; null for owners."""

    id: UUID
    kind: Literal["owner", "staff"]
    name: str | None = Field(examples=["王**"])
    role: str | None = Field(examples=["hotline_agent"])
    role_name: str | None = Field(examples=["热线坐席"])


class People(Answer):
    """Who has written on a thread or belongs to it: at most 200, those who wrote first."""

    items: list[Person]
