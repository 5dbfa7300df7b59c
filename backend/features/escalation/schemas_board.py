"""What those who look after chains send and see."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from backend.core.wire import Answer, Asked, Instant, Line, Moment
from backend.features.escalation.personal import Way
from backend.features.escalation.schemas import PagingAgain

Reason = Annotated[Line, Field(min_length=2, examples=["总部话务系统割接"])]
ChainState = Literal["calling", "rested", "paused"]


class PauseAsked(Asked):
    """Why nobody is to be called, and until when at most."""

    reason: Reason
    until: Instant


class ResumeAsked(Asked):
    """Why it goes on before its pause ends."""

    reason: Reason


class ChainPerson(Answer):
    """Somebody who is called, or was in this round, and what they have said to it."""

    page_id: UUID
    account_id: UUID
    name: str | None
    role: str
    state: Literal["waiting", "ringing", "acknowledged", "declined"]
    rung_at: Moment | None
    via: Literal["app", "link", "telephone"] | None


class ChainPause(Answer):
    """Why, since when, until when and by whom a chain is held."""

    reason: str
    since: Moment
    until: Moment
    by: str | None


class Chain(Answer):
    """A living chain: about which promise, where it stands, whom it calls, when it goes on."""

    id: UUID
    number: str = Field(examples=["G2026-000123"])
    clock: str = Field(examples=["C2"])
    clock_words: str
    subject_kind: str
    subject_id: UUID
    thread_id: UUID
    node_id: UUID
    place: str
    state: ChainState = Field(
        description="`rested`: somebody has acknowledged; it rings again when nothing happens"
    )
    step: int = Field(description="The step that was called last, from 1; 0: none yet")
    steps: int
    role: str | None
    round: int
    promised_at: Moment
    goes_on_at: Moment
    people: list[ChainPerson]
    pause: ChainPause | None


class SimulationOf(Asked):
    """When a chain is supposed to go on; left out: when it will."""

    at: Instant | None = None


class SimulationAsked(Asked):
    """A promise that nobody has given: of which clock, where, from when."""

    node_id: UUID
    clock: Annotated[Line, Field(max_length=20, examples=["C2"])]
    category: Annotated[Line | None, Field(max_length=60, examples=["works"])] = None
    starts_at: Instant
    due_at: Instant | None = Field(default=None, description="Where the clock has no limit of its own (C4)")


class PassedStep(Answer):
    """A step for which nobody would be on duty."""

    step: int
    role: str | None


class ForeseenPerson(Answer):
    """Somebody who would be called: by which ways they can be reached, and when again by their own rules."""

    account_id: UUID
    name: str | None
    role: str
    node_id: UUID
    by: list[Way] = Field(description="Empty: no address is known, and it stands in their inbox alone")
    again: list[PagingAgain]


class ForeseenTurn(Answer):
    """What would happen at one moment."""

    at: Moment
    step: int
    round: int
    role: str | None
    passed: list[PassedStep]
    people: list[ForeseenPerson] = Field(
        description="Empty: nobody would be on duty for any step up to the last"
    )
    wait_set: bool = Field(
        description="Whether the standard says how long until the next turn; else it is our wait"
    )


class Simulation(Answer):
    """Who would be called when, if nobody answered. Nobody was called. The last turn would be repeated on and on."""

    starts_at: Moment
    due_at: Moment
    telephone: bool = Field(description="Whether an agent would call each of them to confirm it (HC-11)")
    turns: list[ForeseenTurn]
