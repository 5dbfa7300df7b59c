"""Who would be called when, by which ways, if nobody answered: worked out as the chain would, and nobody is called."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.escalation.personal import Again, Way
from backend.features.escalation.repository import board
from backend.features.escalation.repository import personal as rules_repository
from backend.features.escalation.rules import (
    Stand,
    Step,
    after_turn,
    read_steps,
    turn,
    wait_of,
)
from backend.features.escalation.service.calendars import Calendars
from backend.features.escalation.service.dangers import Danger
from backend.features.escalation.service.personal import read
from backend.features.escalation.service.ringing import KIND
from backend.features.escalation.service.starting import frozen_steps
from backend.features.notices.service import reached_by
from backend.features.people.service import scope_of
from backend.features.roster.service import Duty, duties_at
from backend.features.standard.service import Chain, Clock, StoredStandard, standard_for
from backend.platform.calendar import Calendar, due, is_working, read_rule
from backend.platform.clocks import marks_of
from backend.platform.tree import node_within

REPEATS: Final = 3
"""How often the last step is shown: it goes on like that until somebody answers."""

_CHAIN: Final = "hotline"
_NOBODY: Final = UUID(int=0)
_LAST_WARNING: Final = 75


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who would be called: by which ways they can be reached at once, and when again by their own rules."""

    duty: Duty
    by: tuple[Way, ...]
    again: list[Again]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One turn of a chain: `step` from 0. `passed`: the steps for which nobody would be on duty, with their roles.

    No people: nobody would be on duty for any step up to the last. `wait_set`: the standard says how long until the
    next turn; else the wait is ours.
    """

    at: datetime
    step: int
    round: int
    role: str | None
    passed: list[tuple[int, str | None]]
    people: list[Person]
    wait_set: bool


@dataclass(frozen=True, slots=True)
class Supposed:
    """A promise that nobody has given: of which clock, where, from when; `due_at` where the clock sets none."""

    node_id: UUID
    clock: str
    category: str | None
    starts_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Foresight:
    """What would happen. `channels`: by which ways the chain calls, the telephone among them."""

    starts_at: datetime
    due_at: datetime
    channels: Sequence[str]
    turns: list[Foreseen]


async def foresee_chain(
    work: Work, caller: Caller, now: datetime, chain_id: UUID, at: datetime | None
) -> Foresight:
    """Whom a living chain would call from now on, or if it went on at another moment.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: none in the caller's scope.
        Conflict: `escalation_not_calling`: it has ended.
    """
    scope = await scope_of(work, caller, "oversee", now)
    if not await board.is_within(work, chain_id, scope, caller.account_id):
        raise NotFound()
    chain = await board.chain(work, chain_id)
    if chain is None or chain.next_at is None:
        raise Conflict("escalation_not_calling")
    state, next_at = chain.state, max(chain.next_at, now)
    if chain.held_state is not None and chain.held_next_at is not None:
        state, next_at = chain.held_state, max(chain.held_next_at, next_at)
    stand = Stand(state, chain.step, chain.round, at or next_at)
    steps = read_steps(chain.steps)
    calendars = await Calendars.of(work, [chain.node_id])
    turns = await _turns(work, chain.node_id, steps, stand, calendars, chain.barred)
    return Foresight(chain.starts_at, chain.due_at, chain.channels, turns)


async def foresee(work: Work, caller: Caller, now: datetime, supposed: Supposed) -> Foresight:
    """Whom a chain would call about a promise that somebody supposes, by the standard that holds at its place today.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such place in the caller's scope.
        Invalid: `chain_not_in_standard`, `category_not_in_chain`, `due_not_after_start`, `due_needed`.
        Conflict: no standard holds there yet.
    """
    scope = await scope_of(work, caller, "oversee", now)
    node = await node_within(work, supposed.node_id, scope)
    if node is None:
        raise NotFound()
    standard = await standard_for(work, node.id, local_date(now))
    clock, chain = _found(standard, supposed)
    calendars = await Calendars.of(work, [node.id])
    rule, due_at = _due(calendars.at(node.id), clock, supposed)
    warn_at = clock.warn_at or (_LAST_WARNING,)
    # A chain begins at the last warning of its clock.
    first = marks_of(calendars.at(node.id), rule, supposed.starts_at, due_at, warn_at)[-1]
    danger = Danger(
        clock_id=new_id(),
        clock=clock.code,
        subject_kind="supposed",
        subject_id=_NOBODY,
        number="",
        thread_id=_NOBODY,
        node_id=node.id,
        standard_version_id=standard.version_id,
        starts_at=supposed.starts_at,
        due_at=due_at,
        rule=rule,
        first=first,
        category=supposed.category,
    )
    steps = frozen_steps(danger, chain, calendars)
    turns = await _turns(work, node.id, steps, Stand("calling", -1, 0, first), calendars, ())
    return Foresight(supposed.starts_at, due_at, chain.channels, turns)


def _found(standard: StoredStandard, supposed: Supposed) -> tuple[Clock, Chain]:
    document = standard.document
    clock = next((one for one in document.clocks if one.code == supposed.clock), None)
    chain = next(
        (one for one in document.chains if one.code == _CHAIN and supposed.clock in one.clocks), None
    )
    if clock is None or chain is None:
        raise Invalid("chain_not_in_standard", field="clock")
    known = {code for step in chain.steps for code in step.by_category}
    if supposed.category is not None and supposed.category not in known:
        raise Invalid("category_not_in_chain", field="category")
    return clock, chain


def _due(calendar: Calendar, clock: Clock, supposed: Supposed) -> tuple[dict[str, object] | None, datetime]:
    if supposed.due_at is not None:
        if supposed.due_at <= supposed.starts_at:
            raise Invalid("due_not_after_start", field="due_at")
        return None, supposed.due_at
    limit = clock.limit(working=is_working(calendar, supposed.starts_at))
    rule = wait_of(None if limit is None else limit.model_dump())
    if rule is None:
        raise Invalid("due_needed", field="due_at")
    return dict(rule), due(calendar, supposed.starts_at, read_rule(dict(rule))).moment


async def _turns(
    work: Work,
    node_id: UUID,
    steps: Sequence[Step],
    stand: Stand,
    calendars: Calendars,
    barred: Collection[UUID],
) -> list[Foreseen]:
    roles = sorted({one.role for one in steps if one.role is not None})
    seen: list[tuple[Foreseen, list[Duty]]] = []
    last = 0
    while last < REPEATS:
        found = await duties_at(work, [(node_id, role) for role in roles], stand.next_at)
        people = {
            place: [one for one in found.get((node_id, step.role or ""), []) if one.account_id not in barred]
            for place, step in enumerate(steps)
        }
        turned = turn(steps, stand, lambda place, people=people: bool(people[place]))  # type: ignore[misc]
        passed = [(place, steps[place].role) for place in turned.passed]
        called = people[turned.step] if turned.calls else []
        one = Foreseen(
            stand.next_at,
            turned.step,
            turned.round,
            steps[turned.step].role,
            passed,
            [],
            steps[turned.step].set,
        )
        seen.append((one, called))
        last += turned.step == len(steps) - 1
        stand = after_turn(steps, stand, turned, stand.next_at, calendars.count(node_id))
    accounts = {one.account_id for _, called in seen for one in called}
    ways = await reached_by(work, KIND, accounts)
    rules = await rules_repository.rules_of(work, accounts)
    for one, called in seen:
        one.people.extend(
            Person(duty, ways[duty.account_id], read(rules.get(duty.account_id, []))) for duty in called
        )
    return [one for one, _ in seen]
