"""What people send and see of pages: their own, their calls, their rules."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from backend.core.wire import Answer, Asked, Instant, Line, Moment, Prose
from backend.features.escalation.personal import LATEST, MOST, Way

Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="The `version` of the page that I saw")]


class PageSeen(Asked):
    """The page as I saw it."""

    version: Version


class PageDeclined(Asked):
    """The page as I saw it, and why I cannot."""

    version: Version
    reason: Annotated[Line, Field(min_length=2, examples=["在高铁上，一小时内没有信号"])]


class PageHandedOver(Asked):
    """The page as I saw it, and who is called in my stead."""

    version: Version
    to: UUID


class CallOut(Answer):
    """I am called about one promise: which, what is left of it, and what became of the call."""

    id: UUID
    version: int
    state: Literal[
        "waiting", "ringing", "acknowledged", "declined", "handed_over", "answered", "lapsed", "ended"
    ] = Field(
        description="`answered`: by somebody else; `lapsed`: I was called anew; `ended`: the promise is kept or void"
    )
    number: str = Field(examples=["G2026-000123"])
    clock: str = Field(examples=["C2"])
    clock_words: str = Field(examples=["首次联系"])
    subject_kind: str = Field(examples=["case"])
    subject_id: UUID
    thread_id: UUID
    step: int = Field(description="The step of the chain, from 1")
    steps: int
    round: int
    role: str
    promised_at: Moment = Field(description="When the promise is due")
    seconds_left: int = Field(description="Until then; negative: it is late")
    due_at: Moment = Field(description="When I was to be called")
    rung_at: Moment | None
    closed_at: Moment | None
    via: Literal["app", "link", "telephone"] | None = Field(description="By what I acknowledged it")
    reason: str | None
    goes_on_at: Moment | None = Field(description="When the chain calls next, unless somebody acts")


class AgainAsked(Asked):
    """A further call about what I have not answered."""

    after_minutes: Annotated[int, Field(ge=1, le=60, examples=[5])]
    by: Annotated[list[Way], Field(min_length=1, max_length=3, examples=[["sms", "push"]])]


class PagingAsked(Asked):
    """How I want to be called again, in order. An empty list: not at all."""

    again: Annotated[list[AgainAsked], Field(max_length=MOST)]


class PagingAgain(Answer):
    """A further call about what I have not answered."""

    after_minutes: int
    by: list[Way]


class Paging(Answer):
    """How I am called."""

    at_once: list[Way] = Field(description="What the company's policy demands; nobody can lessen it")
    again: list[PagingAgain]
    most: int = Field(default=MOST, description="How many further calls one can ask for")
    latest_minutes: int = Field(default=int(LATEST.total_seconds() // 60))


class CallPage(Answer):
    """One promise that somebody is to be called about."""

    page_id: UUID
    number: str
    clock: str
    clock_words: str
    role: str
    promised_at: Moment


class CallMade(Answer):
    """One call that was made."""

    at: Moment
    reached: bool
    said: str | None
    by: str | None


class CallTask(Answer):
    """Whom to call about which pages, and what was tried. The number is asked for by itself, and that is on record."""

    id: UUID
    account_id: UUID
    name: str | None
    rung_at: Moment = Field(description="When the pages rang")
    pages: list[CallPage]
    calls: list[CallMade]


class CallSpoken(Asked):
    """A call as it was: when, whether the person was reached, what was said."""

    reached: bool
    at: Instant
    said: Prose | None = None
