"""A promise in danger, as whoever keeps the promise tells of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Danger:
    """One promise in danger: what its chain begins under.

    `clock_id`: one chain lives a clock. `number` is what a page calls the subject, and nothing personal. Lines of the
    chain are written on `thread_id`, for staff. `node_id` is the nearest node of the tree. `category` picks the role of
    a step that goes by it. `starts_at`, `due_at` and `rule` are the clock's: when it began to run, until when, and how
    it counts (None: time as it passes). `first` is when the first step is due: it comes from the event, never from when
    a timer fired. `barred` are never called. `from_step`: the place of the step that is called first.
    """

    clock_id: UUID
    clock: str
    subject_kind: str
    subject_id: UUID
    number: str
    thread_id: UUID
    node_id: UUID
    standard_version_id: UUID
    starts_at: datetime
    due_at: datetime
    rule: dict[str, Any] | None
    first: datetime
    chain: str = "hotline"
    category: str | None = None
    barred: frozenset[UUID] = frozenset()
    from_step: int = 0
