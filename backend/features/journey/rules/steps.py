"""Where a journey stands (CT-01 to CT-04).

An ownership stands in one of the steps in order; +1 runs under all of them and is nobody's present step; +2 hangs on
the project and leaves the owner's own step alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from backend.features.journey.rules.laying import Of
from backend.features.journey.rules.reckoning import Reckoner, moment_of
from backend.features.standard.document import Standard, Step


@dataclass(frozen=True, slots=True)
class Standing:
    """The step a journey stands in, None for a project before +2; and when it enters the next one by itself."""

    step: str | None
    turns_at: datetime | None


def current_step(
    standard: Standard,
    of: Of,
    dates: Mapping[str, date],
    done: Mapping[str, datetime],
    reckoner: Reckoner,
    now: datetime,
) -> Standing:
    """The last step, in order, that has begun; of an ownership before any has, the first."""
    steps = _steps(standard, of)
    step = steps[0].code if of == "ownership" else None
    ahead: list[datetime] = []
    for one in steps:
        begins = [
            moment for begin in one.begins if (moment := moment_of(begin, dates, done, reckoner)) is not None
        ]
        if any(moment <= now for moment in begins):
            step, ahead = one.code, []
        else:
            ahead += begins
    return Standing(step, min(ahead, default=None))


def _steps(standard: Standard, of: Of) -> Sequence[Step]:
    if of == "project":
        return [step for step in standard.steps if step.of_project]
    return [step for step in standard.steps if not step.of_project and not step.runs_under_all]
