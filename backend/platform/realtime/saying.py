"""Lines that people say over the socket: asked once who may, written with those of all other sockets, then answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy.exc import DBAPIError

from backend.core.errors import NotAllowed, NotFound, Refusal, TooMany, Unavailable
from backend.core.logging import log
from backend.platform.realtime.counting import COUNTS
from backend.platform.realtime.frames import Refused, Said, Say
from backend.platform.realtime.hub import Hub
from backend.platform.realtime.reader import Reader
from backend.platform.realtime.refusing import refusal_detail
from backend.platform.realtime.socket import Right, Socket, may_write
from backend.platform.threads import Line, NewEntry, NoSuchThread, NotDirect, Speaker, spelled
from backend.platform.threads import Said as Spoken

FLYING_MOST: Final = 64
"""Lines of one socket that may wait for their commit."""

Body = Callable[[Say], bytes]
"""A line's body as it goes on record: checked as REST checks it, a JSON object in UTF-8. Raises Invalid."""

Attached = Callable[[UUID, str, bytes], Awaitable[None]]
"""Whether an account may say this body of this kind: what it names is theirs and ready. Raises what REST refuses."""

_NAMES_NOTHING: Final = frozenset({"text", "place"})


def refuse(reader: Reader, refusal: Refusal, *, of: str, **about: Any) -> None:
    """Tell a client that what it asked for did not happen, and why."""
    sentence, field = refusal_detail(reader.locale, refusal)
    COUNTS.refused[refusal.code] += 1
    if field is not None:
        about["field"] = field
    reader.say(Refused(of, refusal.code, sentence, **about))


class Saying:
    """What `say` does: nobody waits for anybody else's line, and lines of one socket on one thread keep their order."""

    def __init__(self, hub: Hub, speaker: Speaker, body: Body, attached: Attached) -> None:
        self._hub, self._speaker, self._body, self._attached = hub, speaker, body, attached
        self._tasks: set[asyncio.Task[None]] = set()
        self._flying = self._asking = 0
        self._settled: asyncio.Event | None = None

    def say(self, socket: Socket, frame: Say) -> Awaitable[None] | None:
        """Take a line. To be awaited before the socket's next frame, when its right has to be asked first."""
        right = socket.rights.get(frame.thread)
        if right is None or right.writes is None or frame.kind not in _NAMES_NOTHING:
            return self._ask_first(socket, frame)
        if (body := self._checked(socket, frame, right)) is not None:
            self._write(socket, frame, right, body)
        return None

    async def settled(self) -> None:
        """Wait until every line that was taken has been answered."""
        self._settled = asyncio.Event()
        self._look()
        await self._settled.wait()

    async def _ask_first(self, socket: Socket, frame: Say) -> None:
        hub = self._hub
        self._asking += 1
        try:
            right = await may_write(hub.subjects.answer, hub.sights, socket, frame.thread)
            body = self._checked(socket, frame, right)
            if body is not None and frame.kind not in _NAMES_NOTHING:
                await self._attached(socket.caller.account_id, frame.kind, body)
        except Exception as error:
            _failed(socket, frame, error)
        else:
            if body is not None:
                self._write(socket, frame, right, body)
        finally:
            self._asking -= 1
            self._look()

    def _checked(self, socket: Socket, frame: Say, right: Right) -> bytes | None:
        """The body of a line that may be said; None when it was refused."""
        try:
            if not right.writes:
                raise NotAllowed("may_not_write")
            if frame.audience == "staff" and not right.staff:
                raise NotAllowed("staff_lines_by_staff", field="audience")
            if socket.flying >= FLYING_MOST:
                raise TooMany("too_many_at_once", retry_after=1, limit=FLYING_MOST)
            return self._body(frame)
        except Refusal as refusal:
            _refuse(socket, frame, refusal)
            return None

    def _write(self, socket: Socket, frame: Say, right: Right, body: bytes) -> None:
        line = Line(frame.thread, frame.cid, frame.kind, body, socket.caller.account_id, frame.audience)
        flight = _Flight(self, socket, line, right)
        try:
            self._speaker.put(line, flight.answered)
        except Refusal as refusal:
            _refuse(socket, frame, refusal)
        else:
            socket.flying += 1
            self._flying += 1

    def landed(self, socket: Socket) -> None:
        """One of the socket's lines has been answered."""
        socket.flying -= 1
        self._flying -= 1
        self._look()

    def _look(self) -> None:
        if self._settled is not None and not self._flying and not self._asking:
            self._settled.set()

    def by_the_subject(self, socket: Socket, line: Line, right: Right) -> None:
        """A line that something follows from is written by its subject, with that, in one transaction."""
        task = asyncio.create_task(self._by_the_subject(socket, line, right))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _by_the_subject(self, socket: Socket, line: Line, right: Right) -> None:
        if right.turn is None:
            right.turn = asyncio.Lock()
        try:
            async with right.turn, self._hub.process.works.begin() as work:
                entry = NewEntry(
                    thread_id=line.thread_id,
                    kind=line.kind,
                    body=msgspec.json.decode(line.body),
                    author_id=line.author_id,
                    audience=line.audience,
                    cid=line.cid,
                )
                appended = await right.sight.speak(work, socket.caller, right.subject.id, entry)
            socket.say(Said(line.cid, line.thread_id, appended.seq, spelled(appended.at)))
        except Exception as error:
            _failed(socket, line, error)
        finally:
            self.landed(socket)


class _Flight:
    """A line between its frame and its answer."""

    __slots__ = ("_line", "_right", "_saying", "_socket")

    def __init__(self, saying: Saying, socket: Socket, line: Line, right: Right) -> None:
        self._saying, self._socket, self._line, self._right = saying, socket, line, right

    def answered(self, answer: Spoken | NotDirect | Exception) -> None:
        line, socket = self._line, self._socket
        if type(answer) is Spoken:
            socket.say(Said(line.cid, line.thread_id, answer.seq, answer.at))
        elif isinstance(answer, NotDirect):
            self._saying.by_the_subject(socket, line, self._right)
            return
        else:
            _failed(socket, line, answer)
        self._saying.landed(socket)


def _failed(socket: Socket, line: Say | Line, error: object) -> None:
    if isinstance(error, NoSuchThread):
        refusal: Refusal = NotFound()
    elif isinstance(error, Refusal):
        refusal = error
    else:
        # Whether it was written is not known; sent again under its cid, that is told.
        if isinstance(error, DBAPIError | OSError | TimeoutError):
            log.warning("line_unsure", error=type(error).__name__)
        else:
            log.error("line_failed", exc_info=error)
        refusal = Unavailable("try_again")
    _refuse(socket, line, refusal)


def _refuse(socket: Socket, line: Say | Line, refusal: Refusal) -> None:
    thread = line.thread if isinstance(line, Say) else line.thread_id
    refuse(socket, refusal, of="say", cid=line.cid, thread=thread)
