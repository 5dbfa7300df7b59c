"""What the files' addresses take and give."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from backend.core.wire import Answer, Asked, Line, Moment
from backend.features.files.models import State
from backend.features.files.rules import Kind, Size

MediaType = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=100, pattern=r"^[A-Za-z]+/[A-Za-z0-9.+_-]+$"
    ),
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]


class NewFile(Asked):
    """A file that is about to be sent, to be said as a line of its `kind`."""

    kind: Kind
    name: Line = Field(examples=["裂缝.jpg"])
    media_type: MediaType = Field(examples=["image/jpeg"])
    bytes: Annotated[int, Field(ge=1, le=2**40, strict=True)] = Field(description="How many will come")
    sha256: Sha256 | None = Field(default=None, description="Of all of them, in hexadecimal digits")


class Upload(Answer):
    """Where the bytes go, by the tus protocol 1.0.0: HEAD tells the offset, PATCH sends on from it."""

    address: str = Field(examples=["/v1/uploads/0199d6a0-7c2e-7000-8000-6d1c5e0f4b11"])
    offset: int = Field(description="How many bytes are kept already")
    expires_at: Moment = Field(description="What is not whole by then is deleted")


class FileRefusal(Answer):
    """Why a file was not taken."""

    code: str = Field(examples=["image_damaged"])
    detail: str


class FileSize(Answer):
    """One size of a file, and a link that opens it for ten minutes without a header: for an image's address."""

    bytes: int
    width: int | None = None
    height: int | None = None
    link: str


class File(Answer):
    """A file. `state`: `receiving` its bytes, `processing`, then `ready` to be said and shown, or `refused`."""

    id: UUID
    kind: Kind
    state: State
    name: str
    media_type: str
    bytes: int = Field(description="As it was announced")
    upload: Upload | None = Field(description="While bytes are wanted, to whoever hands it in")
    refusal: FileRefusal | None
    sizes: dict[Size, FileSize] = Field(
        description="When it is ready: `thumbnail`, `screen` and `full` of a photo, else `original`"
    )
    created_at: Moment


class Face(Asked):
    """Which photo an employee shows."""

    photo: UUID | None = Field(description="A photo of mine that is ready; null: none")
