"""What the field's addresses take and give."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, WithJsonSchema

from backend.core.wire import Answer, Asked, Moment
from backend.features.field.rules import MOST_OPERATIONS
from backend.platform.http.problems import FieldProblem

Device = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]

# As wide as this, because a wrong one is refused by itself and kept: it must not cost the others their answer.
Sent = Annotated[
    Any,
    WithJsonSchema(
        {
            "type": "object",
            "description": (
                "`id`: made by the phone, a UUID; `at`: when it was done, by the phone's clock; `ticket`;"
                " `base_version`: the ticket's version that the phone had last downloaded; `op`: a move of tickets;"
                " `data`: what the move takes. A wrong one is refused by itself."
            ),
        }
    ),
]


class Batch(Asked):
    """What a phone hands in: any part of what it recorded, as often as it likes."""

    device: Device = Field(description="The phone's own name, the same for as long as its outbox lives.")
    operations: Annotated[list[Sent], Field(min_length=1, max_length=MOST_OPERATIONS)]


class Stands(Answer):
    """How the ticket stands now."""

    version: int
    state: str
    moves: list[str] = Field(description="What its engineer may do now, evidence aside.")


class Result(Answer):
    """What became of one operation, in the order they were sent.

    `applied` and `already_applied` are done. `refused` is final: `code` says why, `ticket` how it stands, and it is
    kept with its time and photos. `later` is neither: keep it and send it again.
    """

    id: UUID
    result: Literal["applied", "already_applied", "refused", "later"]
    at: Moment | None = Field(
        default=None, description="When it was done, as far as the phone's clock is believed."
    )
    code: str | None = None
    detail: str | None = None
    errors: list[FieldProblem] = Field(default=[], description="The fields it is about.")
    missing: list[str] = Field(default=[], description="The evidence that the move's gate lacks.")
    line: int | None = Field(
        default=None, description="The line of the ticket's thread on which a refused one is kept."
    )
    ticket: Stands | None = Field(default=None, description="Null when the ticket is not yours.")


class Results(Answer):
    """One answer for each operation."""

    now: Moment
    results: list[Result]


class Home(Answer):
    """Where to go."""

    id: UUID
    project: str
    building: str
    unit: str
    room: str
    layout: str | None


class Contact(Answer):
    """Whom to call."""

    name: str | None
    phone: str | None


class Visit(Answer):
    """The visit that is agreed on."""

    starts_at: Moment
    ends_at: Moment


class Check(Answer):
    """A protection before work may start: `open`, `done` or `absent` (there is nothing to cover)."""

    item: str
    state: Literal["open", "done", "absent"]
    photos: list[UUID]


class Promise(Answer):
    """A running clock."""

    code: str
    state: str
    due_at: Moment
    first_promise: Moment


class Photo(Answer):
    """A photo of the ticket. `thumbnail` opens for some minutes: fetch it now."""

    file: UUID
    thumbnail: str


class Earlier(Answer):
    """What was repaired in this home before."""

    ticket: UUID
    component: str
    place: str
    state: str
    opened_at: Moment
    ended_at: Moment | None
    done: str | None = Field(description="What was done, in the words of whoever did it.")


class FieldTicket(Answer):
    """A live ticket as its engineer takes it along."""

    id: UUID
    version: int = Field(description="`base_version` of what is recorded on seeing this.")
    state: str
    moves: list[str]
    thread: UUID
    urgent: bool
    place: str
    component: str
    trade: str
    description: str
    suits: list[Any]
    opened_at: Moment
    visit: int
    home: Home
    contact: Contact
    appointment: Visit | None
    warranty: dict[str, Any]
    checks: list[Check]
    promises: list[Promise]
    photos: list[Photo]
    earlier: list[Earlier]


class Day(Answer):
    """What is new since the cursor. Write it down together with the cursor."""

    now: Moment
    cursor: str = Field(description="What this phone now holds: ask with it the next time.")
    more: bool = Field(description="There is more: ask again at once.")
    tickets: list[FieldTicket] = Field(
        description="New or changed: each takes the place of what the phone had."
    )
    gone: list[UUID] = Field(
        description="No longer yours or no longer live: delete them, with the owner's number."
    )
