"""The wire of lists of cases, of their clocks, and of what stands beside a call."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from backend.core.wire import Answer, Moment
from backend.features.hotline.rules.states import State
from backend.features.hotline.rules.words import Category, Kind, PauseReason, Severity
from backend.features.hotline.schemas import CasePromise
from backend.platform.clocks import ClockState

ClockOfCase = Literal["C1", "C2", "C3", "C4", "C5"]


class OwedNext(Answer):
    """What is owed next."""

    code: str
    name: str
    due_at: Moment
    first_promise: Moment
    state: ClockState


class ListedCase(Answer):
    """A case in a list."""

    id: UUID
    number: str
    thread_id: UUID
    ownership_id: UUID | None
    project_id: UUID
    kind: Kind
    category: Category | None
    severity: Severity
    gist: str
    state: State
    state_words: str
    paused_for: PauseReason | None
    responsible_role: str | None
    responsible: str | None
    owed: OwedNext | None
    received_at: Moment
    version: int


class ChainOfCase(Answer):
    """The chain that calls for it now: how far up it has come, counted from 1."""

    step: int
    state: str


class QueuedCase(ListedCase):
    """A case in the queue, with the time left and the chain that calls (CS-01)."""

    left_seconds: int = Field(description="Until it is due, as time passes; negative: late by that.")
    chain: ChainOfCase | None


class CountedInterval(Answer):
    """A while that counted."""

    opens: Moment
    closes: Moment


class ClockArithmetic(Answer):
    """How a clock is counted. `rule` null: agreed with the owner, so it counts as time passes."""

    rule: dict[str, Any] | None
    calendar_version: int
    counted: list[CountedInterval] | None = Field(
        description="What makes up the first promise; null: agreed, or the calendar has changed since."
    )
    left_seconds: int | None = Field(
        description="Until it is due, counted as it counts; negative: late by that; null: ended or paused."
    )
    warns_at: list[Moment]
    warned: int
    pauses: list[dict[str, Any]]
    revisions: list[dict[str, Any]]
    ended_by: UUID | None
    ended_act: str | None


class ClockOfOneCase(CasePromise):
    """A clock of a case; `arithmetic` for staff."""

    pauses: list[dict[str, Any]] = Field(description="From when until when it stood still, and why.")
    arithmetic: ClockArithmetic | None


class ClocksOfCase(Answer):
    """The clocks of a case, the oldest first."""

    items: list[ClockOfOneCase]
    contact_before_dispatch: bool | None = Field(
        description="For staff: contact is due before dispatch, which must precede it (CT-05)."
    )


class IntakeHome(Answer):
    """A home of the caller's. `role`: theirs in its household; null: not of it. `step`: of the journey."""

    ownership_id: UUID
    project_id: UUID
    project: str
    building: str
    unit: str
    room: str
    role: str | None
    step: str | None


class IntakeTicket(Answer):
    """A repair of one of these homes."""

    id: UUID
    ownership_id: UUID
    place: str
    component: str
    state: str
    state_words: str
    opened_at: Moment


class IntakePromise(Answer):
    """By when something would be promised, were it received now: what to tell the caller (HC-26, AG-03)."""

    code: str
    due_at: Moment
    provisional: bool
    words: str


class Intake(Answer):
    """Who calls, where they live, what is open: masked, and within the scope of whoever takes the call."""

    account_id: UUID | None = Field(description="Null: nobody we know there; take down whom to reach.")
    name: str | None
    phone: str | None
    homes: list[IntakeHome]
    cases: list[ListedCase] = Field(description="Of the last thirty days; may be the same matter.")
    tickets: list[IntakeTicket]
    promises: list[IntakePromise]
