"""Inboxes for the sockets: how those of any number of accounts stand."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from backend.features.notices.repository.inbox import unread_of_many
from backend.platform.process import Process
from backend.platform.realtime.frames import Notice


class Inboxes:
    """What the sockets of a node are told by. Whoever is not named has read everything."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def __call__(self, accounts: Sequence[UUID]) -> Mapping[UUID, Notice]:
        """How many notices each has not read, and the newest of them."""
        return {
            account_id: Notice(count, newest)
            for account_id, count, newest in await unread_of_many(self._process.direct, accounts)
        }
