"""The state of one signed-in socket. Thousands are idle, so it is small: what is not used is not made."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from backend.core.errors import NotFound
from backend.platform.realtime.outgoing import Wire
from backend.platform.realtime.reader import Reader
from backend.platform.realtime.watched import Watch
from backend.platform.threads import Sight, Subject, seen_by

SubjectOf = Callable[[UUID], Awaitable[Subject | None]]


@dataclass(slots=True)
class Right:
    """What a caller may do on a thread, as its subject said when it was asked. `writes` is None: not asked yet.

    `turn` keeps in order the lines that go by the subject's own verb.
    """

    subject: Subject
    sight: Sight
    staff: bool
    writes: bool | None = None
    turn: asyncio.Lock | None = None


class Socket(Reader):
    """One socket: who it is, what it watches and follows, what it may do there."""

    __slots__ = (
        "__weakref__",
        "counted_at",
        "flying",
        "follows",
        "generation",
        "rights",
        "token",
        "tokens",
        "used_at",
        "watches",
    )

    def __init__(self, wire: Wire, *, frames_most: int, bytes_most: int) -> None:
        super().__init__(wire, frames_most=frames_most, bytes_most=bytes_most)
        self.watches: dict[UUID, Watch] = {}
        self.rights: dict[UUID, Right] = {}
        # Grows whenever rights are forgotten, so that an answer to an earlier question is not kept.
        self.generation = 0
        self.follows: set[str] | None = None
        self.flying = 0
        self.token = ""
        # Of the flood bucket: how many frames may still come, as of when.
        self.tokens, self.counted_at = 0.0, 0.0
        self.used_at = 0.0

    def forget_rights(self) -> None:
        """What may be done has to be asked anew."""
        self.rights = {}
        self.generation += 1


_RIGHTS_MOST = 1000


async def right_on(
    subject_of: SubjectOf,
    sights: Mapping[str, Sight],
    socket: Socket,
    thread_id: UUID,
    *,
    subject: Subject | None = None,
) -> Right:
    """What the socket's caller may do on a thread, from what is known or asked now.

    Raises:
        NotFound: there is no such thread, or none for this caller.
        Unavailable: the database is away.
    """
    while True:
        if (right := socket.rights.get(thread_id)) is not None:
            return right
        generation = socket.generation
        subject = subject or await subject_of(thread_id)
        sight = None if subject is None else sights.get(subject.kind)
        if subject is None or sight is None:
            raise NotFound()
        sees = await sight.sight(socket.caller, subject.id)
        if generation != socket.generation:
            continue  # Asked before it changed, perhaps.
        if sees is None:
            raise NotFound()
        if len(socket.rights) >= _RIGHTS_MOST:
            socket.rights = {}
        right = Right(subject, sight, staff=seen_by(socket.caller, sees) == "staff")
        socket.rights[thread_id] = right
        return right


async def may_write(
    subject_of: SubjectOf, sights: Mapping[str, Sight], socket: Socket, thread_id: UUID
) -> Right:
    """As `right_on`; `writes` is known then."""
    while True:
        right = await right_on(subject_of, sights, socket, thread_id)
        if right.writes is not None:
            return right
        generation = socket.generation
        writes = await right.sight.may_write(socket.caller, right.subject.id)
        if generation == socket.generation:
            right.writes = writes
            return right
