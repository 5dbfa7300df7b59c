"""Forgetting what nobody needs any more."""

from collections.abc import Awaitable, Callable

from backend.db.work import Work
from backend.features.people.repository import households
from backend.features.people.repository.codes import forget_codes
from backend.features.people.repository.staff import forget_attempts
from backend.platform.process import Process

__all__ = ["expire_invitations", "forget_attempts", "forget_codes"]


def expire_invitations(process: Process) -> Callable[[Work], Awaitable[None]]:
    """Close invitations nobody answered in time."""

    async def expire(work: Work) -> None:
        await households.expire_invitations(work, process.clock.now())

    return expire
