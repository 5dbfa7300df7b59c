"""What those who follow a queue, or their place in one, are told over the socket when it changes."""

from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import NotAllowed, NotFound
from backend.features.chat import telling
from backend.features.chat.service import place_of, queue_page, writers
from backend.platform.process import Process

_SHOWN = 50


class QueueTopic:
    """`queue:<project id>`: the first fifty that wait there, for whoever answers the hotline in its scope."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def data(self, caller: Caller, subject_id: UUID) -> Any | None:
        """`{"waiting": [...], "more": true}`, each as `GET /v1/queue` has it; None: not for this caller."""
        now = self._process.clock.now()
        async with self._process.works.begin() as work:
            try:
                rows = await queue_page(work, caller, now, subject_id, None, _SHOWN + 1)
            except (NotAllowed, NotFound):
                return None
            typing = await writers(self._process, work, [row.thread_id for row in rows[:_SHOWN]])
        # Seconds that pass are no change: a client counts them by itself from `waiting_since`.
        waiting = [
            telling.queued(row, now, typing.get(row.thread_id, ())).model_dump(
                mode="json", exclude={"waited_seconds"}
            )
            for row in rows[:_SHOWN]
        ]
        return {"waiting": waiting, "more": len(rows) > _SHOWN}


class PlaceTopic:
    """`place:<conversation id>`: the place in line, and who holds it once somebody does; for whoever sees it."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def data(self, caller: Caller, subject_id: UUID) -> Any | None:
        """As `schemas.Place`; None: not for this caller. One statement: everybody in line asks at every change."""
        row = await place_of(self._process.direct, caller, self._process.clock.now(), subject_id)
        return None if row is None else telling.place(row).model_dump(mode="json")
