"""What a completed visit sets off elsewhere: a registered handler by kind of subject, in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from backend.core.caller import Caller
from backend.db.work import Work
from backend.features.visits.rules.kinds import Kind, Mode
from backend.platform.process import Process


@dataclass(frozen=True, slots=True)
class VisitDone:
    """A visit as it was made. `accepted`: what the owner says of the result; None: it was not asked.

    `low`: the matter is not settled, or was found bad (`rules.answers.is_low`). `opinion`: in their words.
    `summary`: in the visitor's. `late_reason`: why it is recorded only on a
    later day (CT-45).
    """

    visit_id: UUID
    kind: Kind
    subject_kind: str
    subject_id: UUID
    visitor_id: UUID
    at: datetime
    mode: Mode
    accepted: bool | None
    stars: int | None
    low: bool
    opinion: str | None
    summary: str
    photos: tuple[UUID, ...]
    late_reason: str | None


class Visited(Protocol):
    """What follows from a visit about one kind of subject."""

    async def __call__(
        self, work: Work, process: Process, caller: Caller, now: datetime, done: VisitDone, /
    ) -> None:
        """Called in the transaction that completes the visit; what it raises refuses the completion."""

    async def missed(
        self, work: Work, process: Process, caller: Caller, now: datetime, subject_id: UUID, words: str, /
    ) -> None:
        """Somebody was tried to be reached and was not: nothing has ended by that."""


Visiteds = Mapping[str, Visited]
"""By kind of subject; a kind that stands nowhere is set off nothing."""
