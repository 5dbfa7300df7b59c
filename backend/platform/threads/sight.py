"""Who may see a thread: its subject decides, so each kind of subject registers a `Sight` (`backend/sights.py`)."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import Clock
from backend.db.direct import Direct
from backend.db.work import Work
from backend.platform.threads.asking import for_many
from backend.platform.threads.audience import Audience
from backend.platform.threads.writing import Appended, NewEntry


class Mine(NamedTuple):
    """A query whose one column is ids of threads, each once.

    `$1` is the caller's account, the arguments follow from `$2` on; they are hashable.
    """

    sql: str
    arguments: tuple[Any, ...]


class Asks(NamedTuple):
    """A query that gives a row to whoever sees a subject, all that callers of their kind are ever shown of it.

    `$1` is the subject's id, `$2` the caller's account, the arguments follow from `$3` on; they are hashable.
    """

    sql: str
    arguments: tuple[Any, ...]


class Sight(Protocol):
    """What one kind of subject says about those who ask for its threads. Made once a process, asked at each request."""

    async def sight(self, caller: Caller, subject_id: UUID) -> Audience | None:
        """How far the caller sees the subject's thread now; None: for this caller there is no such thread."""

    async def may_write(self, caller: Caller, subject_id: UUID) -> bool:
        """Whether somebody who sees the thread may say something on it now."""

    async def speak(self, work: Work, caller: Caller, subject_id: UUID, entry: NewEntry) -> Appended:
        """Write what somebody who may says, with whatever follows from it, in this transaction.

        Where nothing follows it is `append`. A thread on which something does is not `direct`.
        """

    def mine(self, caller: Caller, now: datetime) -> Mine:
        """The threads that concern this caller: what is listed as theirs, and told them when they come back.

        Only such as they see now; an employee's only where they see the internal lines too.
        """


class HotSight(ABC):
    """A `Sight` whose question can be asked within the statement of a hot read: one way to the database less.

    Asked by itself, it is asked together with all who ask it at the same time: thousands who come back are most of what
    the database does then.
    """

    def __init__(self, direct: Direct, clock: Clock) -> None:
        self._direct, self._clock = direct, clock

    @abstractmethod
    def asks(self, caller: Caller, now: datetime) -> Asks:
        """What `sight` asks."""

    async def sight(self, caller: Caller, subject_id: UUID) -> Audience | None:
        """All that callers of their kind are shown, or None: for this caller there is no such thread."""
        asks = self.asks(caller, self._clock.now())
        # With a limit it stays a look along an index for each who asks, and is made no join of whole tables.
        sql = for_many(f"SELECT FROM ({asks.sql}) seen LIMIT 1", 2)
        seen = await self._direct.gathered(sql, (subject_id, caller.account_id), asks.arguments)
        return seen_by(caller, "staff") if seen else None


def seen_by(caller: Caller, sight: Audience) -> Audience:
    """What a caller with this sight is shown: an owner never a staff line, whatever a subject's `Sight` says."""
    return sight if caller.kind == "staff" else "all"
