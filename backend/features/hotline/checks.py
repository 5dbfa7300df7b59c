"""What must hold of cases, looked at from outside the workers."""

from collections.abc import Sequence
from typing import Final

from backend.db.work import Work
from backend.features.hotline.service import CLOCK, WAITING, WAITS, uncalled, unclocked, untold, unwatched
from backend.platform.audit import Check, Fault


async def _watched(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"case {row.case_id}", f"its clock {row.code} runs and nothing will look at it")
        for row in await unwatched(work, CLOCK)
    ]


async def _called(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"case {row.case_id}", f"its clock {row.code} is late and nobody is called")
        for row in await uncalled(work)
    ]


async def _clocked(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"case {row.id}", f"it is {row.state}, and no clock of it runs")
        for row in await unclocked(work)
    ]


async def _told(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"case {row.id}", f"it is {row.state}, and nobody will be told that it waits")
        for row in await untold(work, WAITING, WAITS)
    ]


CHECKS: Final = (
    Check("every running clock of a case has its timer", _watched),
    Check("every late clock of a case has a chain that calls", _called),
    Check("every open case is owed something by a clock", _clocked),
    Check("every case that waits for somebody has its timer", _told),
)
