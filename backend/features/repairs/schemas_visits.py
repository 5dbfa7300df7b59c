"""Offers of times, appointments, an engineer's day and emergencies over the wire."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from backend.core.wire import Answer, Asked, Instant, Moment, Prose
from backend.features.repairs.rules.emergencies import EmergencyState
from backend.features.repairs.rules.states import State
from backend.features.repairs.rules.visits import MOST_TIMES, Outcome, Side
from backend.features.repairs.rules.visits import Answer as OfferAnswer
from backend.platform.clocks import ClockState


class TimeSaid(Asked):
    """A time that would suit: somebody is there from its beginning to its end."""

    starts_at: Instant
    ends_at: Instant


class TimesOffered(Asked):
    """Times for a visit, in the order of preference."""

    times: Annotated[list[TimeSaid], Field(max_length=MOST_TIMES)]
    words: Prose | None = Field(default=None, examples=["周末全天都可以"])


class Chosen(Asked):
    """Which of the offered times: their numbers begin with 0."""

    place: Annotated[int, Field(ge=0, lt=MOST_TIMES, strict=True)]


class Declined(Asked):
    """Why none of them suits, if there is something to say."""

    words: Prose | None = None


class Time(Answer):
    """A time that was offered."""

    starts_at: Moment
    ends_at: Moment


class Offer(Answer):
    """Times that one side offered, and what became of them."""

    id: UUID
    side: Side
    times: list[Time]
    words: str | None
    made_by: UUID
    made_at: Moment
    answer: OfferAnswer
    answered_at: Moment | None


class Appointment(Answer):
    """A visit that was agreed on, and what became of it."""

    id: UUID
    number: int
    engineer: UUID
    starts_at: Moment
    ends_at: Moment
    agreed_by: UUID
    agreed_at: Moment
    outcome: Outcome
    ended_at: Moment | None
    reason: str | None


class Visits(Answer):
    """What was offered and agreed for a ticket; how many visits were moved, and how many came to nothing."""

    ticket: UUID
    offers: list[Offer]
    appointments: list[Appointment]
    moved: int
    abortive: int


class DayClock(Answer):
    """The clock of a ticket that is due first."""

    code: str
    due_at: Moment
    state: ClockState


class DayTicket(Answer):
    """A live ticket of an engineer's, with whom to call."""

    ticket: UUID
    thread: UUID
    version: int
    state: State
    urgent: bool
    project: str
    building: str
    unit: str
    room: str
    place: str
    component: str
    description: str
    contact_name: str | None
    contact_phone: str | None
    clock: DayClock | None


class DayVisit(DayTicket):
    """A visit of the day."""

    appointment: UUID
    starts_at: Moment
    ends_at: Moment
    outcome: Outcome


class Day(Answer):
    """An engineer's day: visits by time; then live tickets without one, urgent first, then by the clock due first."""

    on: date
    visits: list[DayVisit]
    waiting: list[DayTicket]


class EmergencySaid(Asked):
    """What cannot wait; what was done; or why it can wait."""

    words: Prose = Field(examples=["厨房水管爆裂，正在漏水"])


class EmergencyDeclared(Answer):
    """How many people were told at once."""

    ticket: UUID
    told: int


class Emergency(Answer):
    """An emergency. Whom to call is shown to whoever has taken it, until it is over."""

    ticket: UUID
    state: EmergencyState
    project: UUID
    building: str
    unit: str
    room: str
    place: str
    component: str
    description: str
    declared_at: Moment
    told: int
    engineer: UUID | None
    engineer_name: str | None
    taken_by: UUID | None
    taken_by_name: str | None
    taken_at: Moment | None
    ended_at: Moment | None
    outcome: str | None
    contact_name: str | None
    contact_phone: str | None
