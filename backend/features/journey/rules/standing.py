"""How a milestone stands: from its promise, what its row keeps for ever, and the time."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from backend.features.journey.rules.laying import Planned
from backend.features.standard.document import Obligation

State = Literal["coming", "due", "done", "late", "missed", "not_applicable"]

OPEN: Final[frozenset[State]] = frozenset({"due", "late"})
"""States in which somebody has a task."""

STAYS: Final[frozenset[State]] = frozenset({"done", "missed", "not_applicable"})
"""States that time does not change."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a milestone keeps whatever its dates do: the first promise, when it was given, and when it was done."""

    first_due_on: date | None = None
    promised_at: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """How it stands now. `turns_at` is when it changes next by itself; None: only somebody's act changes it."""

    state: State
    kept: Kept
    turns_at: datetime | None


def settle(planned: Planned, obligation: Obligation, kept: Kept, now: datetime) -> Settled:
    """How a milestone stands at `now`.

    One whose day was over when it was first promised is done all the same or only noted, as its obligation says; one
    that was promised in time is late. A limit that nobody owes just runs out. The first promise never changes.
    """
    if kept.first_due_on is None and planned.due_on is not None:
        kept = Kept(planned.due_on, now, kept.done_at)
    if kept.done_at is not None:
        return Settled("done", kept, None)
    state = _state(planned, obligation, kept, now)
    if state == "late" and obligation.responsible is None:
        return Settled("done", Kept(kept.first_due_on, kept.promised_at, planned.due_at), None)
    return Settled(state, kept, _turns_at(planned, state, now))


def _state(planned: Planned, obligation: Obligation, kept: Kept, now: datetime) -> State:
    if not planned.applies:
        return "not_applicable"
    ended = planned.ends_at is not None and planned.ends_at <= now
    if planned.opens_at is None or planned.due_at is None:
        return "not_applicable" if ended else "coming"
    if ended:
        assert planned.ends_at is not None
        return "missed" if planned.opens_at < planned.ends_at else "not_applicable"
    assert kept.promised_at is not None
    if (
        planned.due_at <= kept.promised_at
        and obligation.past == "note_only"
        and obligation.responsible is not None
    ):
        return "missed"
    if now < planned.opens_at:
        return "coming"
    return "due" if now < planned.due_at else "late"


def _turns_at(planned: Planned, state: State, now: datetime) -> datetime | None:
    ahead = {
        "coming": (planned.opens_at, planned.ends_at),
        "due": (planned.due_at, planned.ends_at),
        "late": (planned.ends_at,),
    }.get(state, ())
    return min((moment for moment in ahead if moment is not None and moment > now), default=None)
