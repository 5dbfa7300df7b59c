"""Beginning chains: the standard's steps are frozen with their waits, and the first one is set."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.escalation.repository import chains as repository
from backend.features.escalation.rules import Rule, Step, wait_of, wait_while_not_set
from backend.features.escalation.service.calendars import Calendars
from backend.features.escalation.service.dangers import Danger
from backend.features.standard.service import Chain, stored
from backend.platform.calendar import working_between
from backend.platform.clocks import counts_working
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append_many
from backend.platform.timers import NewTimer, schedule_many

STEP: Final = "escalation_step"
"""The kind of timer at which a chain goes on; its key is the chain."""


async def start(work: Work, waker: Waker, dangers: Sequence[Danger]) -> None:
    """Begin the chain of each promise in danger; one whose clock has a living chain goes on as it is.

    A standard that has no such chain calls nobody, and a line for staff says so.
    """
    found = {one.clock_id: (one, await _chain_of(work, one)) for one in dangers}
    counted = {one.node_id for one, chain in found.values() if chain and counts_working(one.rule)}
    calendars = await Calendars.of(work, counted)
    rows = [_row(one, chain, calendars) for one, chain in found.values() if chain is not None]
    begun = await repository.begin(work, rows) if rows else []
    await schedule_many(work, waker, [timer_of(row.id, row.next_at) for row in begun])
    await append_many(
        work,
        [
            NewEntry(one.thread_id, "chain_missing", {"clock": one.clock}, None, "staff")
            for one, chain in found.values()
            if chain is None
        ],
    )


def timer_of(chain_id: UUID, at: datetime) -> NewTimer:
    """The timer at which a chain goes on."""
    return NewTimer(STEP, str(chain_id), at, {"escalation": str(chain_id)})


async def _chain_of(work: Work, danger: Danger) -> Chain | None:
    standard = (await stored(work, danger.standard_version_id)).document
    return next((one for one in standard.chains if one.code == danger.chain), None)


def frozen_steps(danger: Danger, chain: Chain, calendars: Calendars) -> list[Step]:
    """The steps that a chain of the standard has for a danger, each with its role and its wait."""
    otherwise = _wait_while_not_set(danger, calendars)
    return [
        Step(
            one.role or one.by_category.get(danger.category or ""),
            otherwise if wait is None else wait,
            wait is not None,
        )
        for one in chain.steps
        for wait in [wait_of(None if one.wait is None else one.wait.model_dump())]
    ]


def _row(danger: Danger, chain: Chain, calendars: Calendars) -> Mapping[str, Any]:
    steps = frozen_steps(danger, chain, calendars)
    return {
        "id": new_id(),
        "clock_id": danger.clock_id,
        "clock": danger.clock,
        "subject_kind": danger.subject_kind,
        "subject_id": danger.subject_id,
        "number": danger.number,
        "thread_id": danger.thread_id,
        "node_id": danger.node_id,
        "standard_version_id": danger.standard_version_id,
        "chain": danger.chain,
        "category": danger.category,
        "channels": list(chain.channels),
        "steps": [one.written() for one in steps],
        "barred": sorted(danger.barred),
        "starts_at": danger.starts_at,
        "due_at": danger.due_at,
        "rule": danger.rule,
        "first_at": danger.first,
        "first_step": min(danger.from_step, len(steps) - 1),
    }


def _wait_while_not_set(danger: Danger, calendars: Calendars) -> Rule:
    if not counts_working(danger.rule):
        return wait_while_not_set(danger.due_at - danger.starts_at, working=False)
    whole = working_between(calendars.at(danger.node_id), danger.starts_at, danger.due_at)
    return wait_while_not_set(whole, working=True)
