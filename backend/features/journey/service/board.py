"""The board (MG-04): for whoever oversees a project, how its homes stand, what is overdue, and who is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.db.work import Work
from backend.features.journey.repository import board
from backend.features.journey.repository.board import Part, Which
from backend.features.people.service import scope_of
from backend.features.standard.service import Obligation, Standard, Step, standard_for, stored

SOON: Final = timedelta(days=7)
AHEAD: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many homes stand in a step of a standard."""

    standard: str
    step: Step
    homes: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """What is late of one obligation, everywhere together."""

    standard: str
    obligation: Obligation
    count: int
    oldest_due_on: date


@dataclass(frozen=True, slots=True)
class Ahead:
    """How often one obligation is due within `SOON` and within `AHEAD`."""

    standard: str
    obligation: Obligation
    soon: int
    ahead: int


@dataclass(frozen=True, slots=True)
class Board:
    """A project at a glance. `vacant` are rows of `role`, `tasks`, `oldest_due_at`."""

    steps: Sequence[StepCount]
    overdue: Sequence[Overdue]
    ahead: Sequence[Ahead]
    vacant: Sequence[Any]


@dataclass(frozen=True, slots=True)
class HomeOnBoard:
    """A home with its journey: `row` is the place and what is late; the standard tells what it is called."""

    row: Any
    step: Step
    obligations: Mapping[str, Obligation]


async def board_of(work: Work, caller: Caller, now: datetime, project_id: UUID) -> Board:
    """How a project's journeys stand, as far as the caller oversees it.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    part = await _part(work, caller, now, project_id)
    today = local_date(now)
    by_step = await board.homes_by_step(work, part)
    late = await board.overdue(work, part)
    ahead = await board.ahead(work, part, today, today + SOON, today + AHEAD)
    standards = await _standards(work, (row.standard_version_id for row in [*by_step, *late, *ahead]))
    shown = list(standards.values()) or [(await standard_for(work, project_id, today)).document]
    return Board(
        steps=_steps(by_step, standards, shown),
        overdue=sorted(_overdue(late, standards), key=lambda one: (one.oldest_due_on, one.obligation.code)),
        ahead=sorted(_ahead(ahead, standards), key=lambda one: (-one.soon, -one.ahead, one.obligation.code)),
        vacant=await board.vacant(work, part, today),
    )


async def journeys_page(
    work: Work,
    caller: Caller,
    now: datetime,
    project_id: UUID,
    which: Which,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[HomeOnBoard]:
    """A page of the homes behind the board's figures, in natural order.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    part = await _part(work, caller, now, project_id)
    rows = await board.journeys_page(work, part, which, after, limit)
    standards = await _standards(work, (row.standard_version_id for row in rows))
    found = []
    for row in rows:
        standard = standards[row.standard_version_id]
        step = next(one for one in standard.steps if one.code == row.step)
        found.append(HomeOnBoard(row, step, {one.code: one for one in standard.obligations}))
    return found


async def _part(work: Work, caller: Caller, now: datetime, project_id: UUID) -> Part:
    part = await board.part_seen(work, await scope_of(work, caller, "oversee", now), project_id)
    if part is None:
        raise NotFound()
    return part


async def _standards(work: Work, version_ids: Iterable[UUID]) -> dict[UUID, Standard]:
    """The documents; of one standard its newest version last, so that its words are those that are shown."""
    found = {one: (await stored(work, one)).document for one in set(version_ids)}
    return dict(sorted(found.items(), key=lambda one: (one[1].code, one[1].version)))


def _steps(
    rows: Iterable[Any], standards: Mapping[UUID, Standard], shown: Sequence[Standard]
) -> list[StepCount]:
    homes: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (standards[row.standard_version_id].code, row.step)
        homes[key] = homes.get(key, 0) + row.homes
    # Those in order only: +1 and +2 are nobody's present step (CT-02). Versions of a standard are counted together.
    steps = {
        (standard.code, step.code): step
        for standard in shown
        for step in standard.steps
        if not (step.runs_under_all or step.of_project)
    }
    return [StepCount(key[0], step, homes.get(key, 0)) for key, step in steps.items()]


def _obligations(standards: Mapping[UUID, Standard]) -> dict[tuple[str, str], Obligation]:
    return {(standard.code, one.code): one for standard in standards.values() for one in standard.obligations}


def _overdue(rows: Iterable[Any], standards: Mapping[UUID, Standard]) -> list[Overdue]:
    together: dict[tuple[str, str], tuple[int, date]] = {}
    for row in rows:
        key = (standards[row.standard_version_id].code, row.obligation)
        count, oldest = together.get(key, (0, row.oldest_due_on))
        together[key] = count + row.overdue, min(oldest, row.oldest_due_on)
    known = _obligations(standards)
    return [Overdue(key[0], known[key], *figures) for key, figures in together.items()]


def _ahead(rows: Iterable[Any], standards: Mapping[UUID, Standard]) -> list[Ahead]:
    together: dict[tuple[str, str], tuple[int, int]] = {}
    for row in rows:
        key = (standards[row.standard_version_id].code, row.obligation)
        soon, ahead = together.get(key, (0, 0))
        together[key] = soon + row.soon, ahead + row.ahead
    known = _obligations(standards)
    return [Ahead(key[0], known[key], *figures) for key, figures in together.items()]
