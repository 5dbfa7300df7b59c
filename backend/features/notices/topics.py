"""The inbox live: `account:<id>` over the socket, for whose it is."""

from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.features.notices.repository.inbox import unread
from backend.platform.process import Process


class InboxTopic:
    """`{"unread": n, "newest": id}`, told whenever it changes; the rows themselves are read over REST."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def data(self, caller: Caller, subject_id: UUID) -> Any | None:
        """None: it is somebody else's."""
        if subject_id != caller.account_id:
            return None
        count, newest = await unread(self._process.direct, caller.account_id)
        return {"unread": count, "newest": newest}
