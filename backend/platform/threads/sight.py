"""Who may see a thread: its subject decides, so each kind of subject registers a `Sight` (`backend/sights.py`)."""

from typing import Literal, Protocol
from uuid import UUID

from backend.core.caller import Caller

Audience = Literal["all", "staff"]
"""Whom an entry is for, and what a reader may see: everybody's lines, or the internal ones too."""


class Sight(Protocol):
    """What one kind of subject says about those who ask for its threads. Made once a process, asked at each request."""

    async def sight(self, caller: Caller, subject_id: UUID) -> Audience | None:
        """How far the caller sees the subject's thread now; None: for this caller there is no such thread."""

    async def may_write(self, caller: Caller, subject_id: UUID) -> bool:
        """Whether somebody who sees the thread may say something on it now."""


def seen_by(caller: Caller, sight: Audience) -> Audience:
    """What a caller with this sight is shown: an owner never a staff line, whatever a subject's `Sight` says."""
    return sight if caller.kind == "staff" else "all"
