"""What must hold of deliveries, looked at from outside the workers."""

from collections.abc import Sequence
from typing import Final

from backend.db.work import Work
from backend.features.notices.repository import operating
from backend.platform.audit import Check, Fault

LATE_MINUTES: Final = 5
_MANY: Final = 50


async def _late(work: Work) -> Sequence[Fault]:
    return [
        Fault(
            f"{row.lane} {row.channel}",
            f"{row.count} are due, the first since {row.since:%Y-%m-%d %H:%M:%S%z}",
        )
        for row in await operating.late(work, LATE_MINUTES)
    ]


async def _stopped(work: Work) -> Sequence[Fault]:
    return [
        Fault(row.channel, f"is stopped since {row.since:%Y-%m-%d %H:%M:%S%z}: {row.reason}")
        for row in await operating.channels(work)
        if row.since is not None
    ]


async def _ambiguous(work: Work) -> Sequence[Fault]:
    found = await operating.page(work, state="ambiguous", channel=None, after=None, limit=_MANY)
    return [Fault(f"delivery {row.id}", f"nobody knows whether it was taken: {row.reason}") for row in found]


CHECKS: Final = (
    Check("no lane of deliveries is late", _late),
    Check("no channel is stopped", _stopped),
    Check("no delivery waits for an operator", _ambiguous),
)
