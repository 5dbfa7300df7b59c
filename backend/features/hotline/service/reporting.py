"""The hotline's report: rates, and where cases and clocks stand (HC-27, HC-28, CT-28, MG-01)."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import SHANGHAI, local_date
from backend.core.errors import Conflict, Invalid, NotFound
from backend.db.work import Work
from backend.features.hotline.repository import reports as repository
from backend.features.hotline.rules.figures import LISTS, Figure, unpack, unpack_clocks
from backend.features.hotline.rules.rates import ClockCounts, Counts, total
from backend.features.people.service import scope_of
from backend.features.standard.service import standard_for
from backend.platform.tree import node_within

LONGEST: Final = timedelta(days=3660)
"""Ours: ten years."""

TARGETS: Final = {"handling-rate": 100, "reply-rate": 100}
"""In percent, where the standard names none (HC-27, HC-28)."""


@dataclass(frozen=True, slots=True)
class StepReached:
    """So many cases were called about up to this step of a chain at most; counted from 1."""

    step: int
    role: str
    cases: int


@dataclass(frozen=True, slots=True)
class Report:
    """Cases received from a day to another, both with it. The rates are those of complaints; `all`: whatever it is.

    `by`: by kind of all cases, and of complaints by severity, category, outcome and hour of the day.
    """

    since: date
    to: date
    node_id: UUID | None
    targets: Mapping[str, int]
    complaints: Counts
    all: Counts
    by: Mapping[str, Sequence[tuple[str, Counts]]]
    clocks: Sequence[ClockCounts]
    steps: Sequence[StepReached]


async def report(
    work: Work, caller: Caller, now: datetime, since: date, to: date, node_id: UUID | None
) -> Report:
    """The report of a node and below, or of all that the caller oversees.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such node in their scope.
        Invalid: `report_days`.
    """
    scope = await scope_of(work, caller, "oversee", now)
    if node_id is not None:
        if await node_within(work, node_id, scope) is None:
            raise NotFound()
        scope = [node_id]
    if to < since or to - since > LONGEST:
        raise Invalid("report_days", field="to")
    begins = datetime.combine(since, time(), SHANGHAI)
    ends = datetime.combine(to + timedelta(days=1), time(), SHANGHAI)
    figures = [unpack(row.dims, row.cases) for row in await repository.dims(work, scope, begins, ends)]
    packed: list[Any] = list(await repository.clocks(work, scope, begins, ends))
    steps = await repository.steps(work, scope, begins, ends)
    complaints = [one for one in figures if one.kind == "complaint"]
    return Report(
        since,
        to,
        node_id,
        await _targets(work, scope[0], local_date(now)),
        total(one.counts for one in complaints),
        total(one.counts for one in figures),
        {"kind": _by(figures, attrgetter("kind"), LISTS["kind"])}
        | {
            name: _by(complaints, attrgetter(name), LISTS[name])
            for name in ("severity", "category", "outcome")
        }
        | {"hour": _by(complaints, lambda one: f"{one.hour:02}", [f"{hour:02}" for hour in range(24)])},
        list(unpack_clocks((row.clocks, row.cases) for row in packed)),
        [StepReached(row.step + 1, row.role, row.cases) for row in steps],
    )


def _by(
    figures: Sequence[Figure], key: Callable[[Figure], str], order: Sequence[str]
) -> list[tuple[str, Counts]]:
    found: defaultdict[str, list[Counts]] = defaultdict(list)
    for one in figures:
        found[key(one)].append(one.counts)
    return [(word, total(found[word])) for word in order if word in found]


async def _targets(work: Work, node_id: UUID, on: date) -> Mapping[str, int]:
    try:
        standard = (await standard_for(work, node_id, on)).document
    except Conflict:
        return TARGETS
    set_ = () if standard.assessment is None else standard.assessment.targets
    return TARGETS | {one.code: one.percent for one in set_ if one.code in TARGETS}
