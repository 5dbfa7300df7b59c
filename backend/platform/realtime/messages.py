"""What nodes tell one another about a thread. Lines come with their content, so that nobody has to fetch them."""

from typing import Final, Literal
from uuid import UUID

from msgspec import Struct
from msgspec.msgpack import Decoder, Encoder

NewLine = tuple[int, bool, bytes]
"""Its seq, whether it is for staff only, and the line's JSON object."""

State = Literal["here", "away", "gone"]


class Lines(Struct, frozen=True, gc=False, array_like=True, tag="lines"):
    """Lines just committed, in order."""

    lines: list[NewLine]


class Marked(Struct, frozen=True, gc=False, array_like=True, tag="marked"):
    """An account has read up to `seq`."""

    account: UUID
    staff: bool
    seq: int


class Typed(Struct, frozen=True, gc=False, array_like=True, tag="typed"):
    """An account is writing, or no longer."""

    account: UUID
    staff: bool
    on: bool


class Stood(Struct, frozen=True, gc=False, array_like=True, tag="stood"):
    """An account has the thread open on the node that says so, or no longer."""

    account: UUID
    staff: bool
    state: State


Message = Lines | Marked | Typed | Stood

MESSAGE: Final = Decoder(Message)
packed: Final = Encoder().encode
