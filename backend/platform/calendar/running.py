"""The running clocks that stand on a calendar. Features hold them; each registers a provider when a process starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from backend.db.work import Work
from backend.platform.calendar.due import DueRule


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A promise that is not met yet: of which subject, at which node, since when, by which rule, due when.

    `calendar_version` is the number of the calendar it was counted by.
    """

    id: UUID
    subject_kind: str
    subject_id: UUID
    node_id: UUID
    name: str
    start: datetime
    rule: DueRule
    due: datetime
    calendar_version: int


class RunningClocks(Protocol):
    """A feature's running clocks of one kind of subject."""

    async def running(
        self, work: Work, nodes: list[UUID], started_before: datetime | None
    ) -> Sequence[RunningClock]:
        """Those at and below these nodes that run now, and started before a moment when one is given."""
        ...

    async def revise(
        self, work: Work, clock: RunningClock, new_due: datetime, reason: str, actor: UUID
    ) -> bool:
        """Give a clock its new due time, as an entry, the first promise kept beside it.

        False, and nothing done, when it no longer runs or is no longer due at `clock.due`.
        """
        ...


class ClockProviders:
    """Every provider of a process, by kind of subject."""

    def __init__(self) -> None:
        self._providers: dict[str, RunningClocks] = {}

    def register(self, subject_kind: str, provider: RunningClocks) -> None:
        """Have this provider answer for its kind. Raises ValueError when another does already."""
        if subject_kind in self._providers:
            raise ValueError(f"somebody answers for {subject_kind} already")
        self._providers[subject_kind] = provider

    def of(self, subject_kind: str) -> RunningClocks | None:
        """The provider of a kind, if there is one."""
        return self._providers.get(subject_kind)

    async def running(
        self, work: Work, nodes: list[UUID], started_before: datetime | None
    ) -> list[RunningClock]:
        """What runs at and below these nodes, of every kind."""
        return [
            clock
            for provider in self._providers.values()
            for clock in await provider.running(work, nodes, started_before)
        ]
