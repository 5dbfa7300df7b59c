"""Chains going on: whoever is on duty for the step is called, many chains by a handful of statements.

A turn is due when its chain says, however late it is taken; who is called is who is on duty when it is taken. Of those
whom it locks it waits for nobody: a chain that somebody acts on at this moment is looked at again a moment later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol
from uuid import UUID

from sqlalchemy import Row

from backend.db.work import Work
from backend.features.escalation.repository import turns as repository
from backend.features.escalation.repository.turns import Called
from backend.features.escalation.rules import (
    Stand,
    Step,
    Turn,
    after_turn,
    coming,
    read_steps,
    turn,
)
from backend.features.escalation.service.calendars import Calendars
from backend.features.escalation.service.ringing import bundle_timers
from backend.features.escalation.service.starting import timer_of
from backend.features.roster.service import Duty, duties_at
from backend.platform.clocks import counts_working
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append_many
from backend.platform.timers import NewTimer, schedule_many

_SOON: Final = timedelta(milliseconds=250)

Vacant = Literal["no_category", "nobody_on_duty", "barred"]


@dataclass(frozen=True, slots=True)
class Made:
    """Somebody was called about a subject: `step` counts from 0."""

    escalation_id: UUID
    subject_id: UUID
    thread_id: UUID
    clock: str
    step: int
    round: int
    account_id: UUID
    name: str | None
    role: str


class Paged(Protocol):
    """What follows for subjects of one kind when people are called about them. Registered by the composition root.

    It runs in the transaction that calls them, which holds the subjects' threads: it may write lines on those, and
    locks nothing else.
    """

    async def __call__(self, work: Work, made: Sequence[Made]) -> None:
        """These people were called."""


@dataclass(slots=True)
class _Going:
    """A chain that goes on now, and what comes of it."""

    row: Row[Any]
    steps: tuple[Step, ...]
    stand: Stand
    front: int
    turned: Turn | None = None
    called: list[Duty] = field(default_factory=list)


class _Roster:
    """Who is on duty for steps, asked for together."""

    def __init__(self, work: Work, now: datetime) -> None:
        self._work, self._now = work, now
        self._known: dict[tuple[UUID, str], list[Duty]] = {}

    async def look(self, going: Sequence[_Going]) -> None:
        """Find out for each chain, from the step that is to be called on, the first for which anybody is there."""
        left = list(going)
        while left:
            wanted = {
                (one.row.node_id, role) for one in left if (role := one.steps[one.front].role) is not None
            }
            if missing := wanted - self._known.keys():
                self._known |= {asked: [] for asked in missing}
                self._known |= await duties_at(self._work, missing, self._now)
            left = [
                one
                for one in left
                if one.front < len(one.steps) - 1 and not self.called(one.row, one.steps[one.front])
            ]
            for one in left:
                one.front += 1

    def called(self, row: Row[Any], step: Step) -> list[Duty]:
        """Whom a step of a chain calls."""
        return [one for one in self._on_duty(row, step) if one.account_id not in row.barred]

    def why_vacant(self, row: Row[Any], step: Step) -> Vacant:
        """Why a step calls nobody."""
        if step.role is None:
            return "no_category"
        return "barred" if self._on_duty(row, step) else "nobody_on_duty"

    def _on_duty(self, row: Row[Any], step: Step) -> list[Duty]:
        return [] if step.role is None else self._known.get((row.node_id, step.role), [])


async def take_turns(
    work: Work, waker: Waker, now: datetime, chain_ids: Sequence[UUID], paged: Mapping[str, Paged]
) -> None:
    """Have each of these chains go on that is due: its next step is called, and the one after that is set.

    `paged`: what follows from it, by kind of subject. What has ended is passed over; what is not due yet is set anew.
    """
    found = await repository.lock(work, chain_ids)
    held = set(chain_ids) - {row.id for row in found}
    timers = (
        [timer_of(one, now + _SOON) for one in await repository.living(work, sorted(held))] if held else []
    )
    timers += [timer_of(row.id, row.next_at) for row in found if row.next_at > now]
    going = [_going(row) for row in found if row.next_at <= now]
    early = [one for one in going if one.stand.next_at > now]
    going = [one for one in going if one.stand.next_at <= now]
    roster = _Roster(work, now)
    await roster.look(going)
    for one in going:
        one.turned = turn(one.steps, one.stand, _somebody(roster, one))
        if one.turned.calls:
            one.called = roster.called(one.row, one.steps[one.turned.step])
    calendars = await Calendars.of(
        work, {one.row.node_id for one in going if any(counts_working(step.wait) for step in one.steps)}
    )
    stands = [(one.row.id, one.stand) for one in early]
    stands += [(one.row.id, _after(one, now, calendars)) for one in going]
    timers += [timer_of(id_, stand.next_at) for id_, stand in stands]
    await _write(work, waker, now, going, stands, timers)
    await _lines(work, going, roster)
    for kind, follows in paged.items():
        if made := [made for one in going if one.row.subject_kind == kind for made in _made(one)]:
            await follows(work, made)


def _going(row: Row[Any]) -> _Going:
    state, next_at = row.state, row.next_at
    if state == "paused":
        # The pause is over: it goes on from where it was, and not before it would have.
        state, next_at = row.held_state, max(row.held_next_at, row.next_at)
    steps, stand = read_steps(row.steps), Stand(state, row.step, row.round, next_at)
    return _Going(row, steps, stand, coming(steps, stand))


def _somebody(roster: _Roster, one: _Going) -> Callable[[int], bool]:
    return lambda step: bool(roster.called(one.row, one.steps[step]))


def _after(one: _Going, now: datetime, calendars: Calendars) -> Stand:
    assert one.turned is not None
    return after_turn(one.steps, one.stand, one.turned, now, calendars.count(one.row.node_id))


async def _write(
    work: Work,
    waker: Waker,
    now: datetime,
    going: Sequence[_Going],
    stands: Sequence[tuple[UUID, Stand]],
    timers: Sequence[NewTimer],
) -> None:
    pages = [
        Called(one.row.id, duty.account_id, one.turned.step, one.turned.round, duty.role, duty.node_id, due)
        for one in going
        if one.turned is not None
        for due in [one.stand.next_at]
        for duty in one.called
    ]
    # First the timers, then the pages: whoever rings a bundle holds its timer.
    bundles = await bundle_timers(work, now, {page.account_id for page in pages})
    await schedule_many(work, waker, [*timers, *bundles])
    if pages:
        await repository.call(work, pages)
    if stands:
        await repository.put(work, stands)


async def _lines(work: Work, going: Sequence[_Going], roster: _Roster) -> None:
    entries = []
    for one in going:
        assert one.turned is not None
        entries += [
            NewEntry(one.row.thread_id, "step_vacant", _step(one, step) | {"why": why}, None, "staff")
            for step in one.turned.passed
            for why in [roster.why_vacant(one.row, one.steps[step])]
        ]
        if one.called:
            people = [{"account": str(duty.account_id), "name": duty.name} for duty in one.called]
            body = _step(one, one.turned.step) | {
                "round": one.turned.round,
                "due_at": one.stand.next_at.isoformat(),
                "people": people,
            }
            entries.append(NewEntry(one.row.thread_id, "step_called", body, None, "staff"))
    await append_many(work, entries)


def _step(one: _Going, step: int) -> dict[str, Any]:
    return {"clock": one.row.clock, "step": step + 1, "role": one.steps[step].role}


def _made(one: _Going) -> list[Made]:
    assert one.turned is not None
    row, turned = one.row, one.turned
    return [
        Made(
            row.id,
            row.subject_id,
            row.thread_id,
            row.clock,
            turned.step,
            turned.round,
            duty.account_id,
            duty.name,
            duty.role,
        )
        for duty in one.called
    ]
