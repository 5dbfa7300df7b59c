"""What each move brings with it: the same for a request, for the verb `move`, and at intake."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import Field, StrictBool

from backend.core.wire import Asked, Instant, Line, Prose
from backend.features.hotline.rules.words import Category, Channel, PauseReason, Severity

Step = Annotated[str, Field(pattern=r"^[A-Z]+-[0-9]+$", max_length=20, examples=["STEP-3"])]
Component = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60, examples=["pipes"])]
Informed = Annotated[list[Annotated[str, Field(pattern=r"^[a-z_]+$", max_length=60)]], Field(max_length=10)]


class Nothing(Asked):
    """A move that needs no words."""


class Words(Asked):
    """What is to be said about it."""

    words: Prose


class Classify(Asked):
    """How grave it is, what it is about, and at which step of the journey (AG-02). Left out: as it was."""

    severity: Severity | None = None
    category: Category | None = None
    step: Step | None = None


class Dispatch(Asked):
    """Whose it is: by its category, or a named person of that position; and which positions are informed (HC-21)."""

    category: Category | None = None
    severity: Severity | None = None
    responsible_id: UUID | None = None
    informed: Informed = Field(default=[])


class Contact(Asked):
    """A call or talk with whoever brought it, as a person records it (C2: HC-12; a push receipt is no contact).

    `spoken_at`: when it was, where it is recorded later (CT-45).
    """

    reached: StrictBool
    words: Prose
    channel: Channel | None = None
    spoken_at: Instant | None = None


class NotePositions(Asked):
    """What the customer holds, and what the company does; both stand before anything is proposed (CT-26)."""

    customer: Prose | None = None
    company: Prose | None = None


class Pause(Asked):
    """Why its clocks stand still; the owner sees it."""

    reason: PauseReason
    words: Prose | None = None


class PassOn(Asked):
    """What a ticket needs beside the gist."""

    place: Line = Field(examples=["厨房水槽"])
    component: Component
    urgent: StrictBool = False


ACTS: Final[dict[str, type[Asked]]] = {
    "classify": Classify,
    "dispatch": Dispatch,
    "take": Nothing,
    "contact": Contact,
    "note_positions": NotePositions,
    "pause": Pause,
    "resume": Nothing,
    "pass_on": PassOn,
}
"""What each move of `rules.states.MOVES` brings."""
