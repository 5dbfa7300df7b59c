"""Lines that people say over the socket: asked once who may, written with those of all other sockets, then answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

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

FLYING_MOST: Final = 64
"""Lines of one socket that may wait for their commit."""

Body = Callable[[Say], bytes]
"""A line's body as it goes on record: checked as REST checks it, a JSON object in UTF-8. Raises Invalid."""


def refuse(reader: Reader, refusal: Refusal, *, of: str, **about: Any) -> None:
    """Tell a client that what it asked for did not happen, and why."""
    sentence, field = refusal_detail(reader.locale, refusal)
    COUNTS.refused[refusal.code] += 1
    if field is not None:
        about["field"] = field
    reader.say(Refused(of, refusal.code, sentence, **about))


class Saying:
    """What `say` does: nobody waits for anybody else's line, and lines of one socket on one thread keep their order."""

    def __init__(self, hub: Hub, speaker: Speaker, body: Body) -> None:
        self._hub, self._speaker, self._body = hub, speaker, body
        self._flying: set[asyncio.Task[None]] = set()

    def say(self, socket: Socket, frame: Say) -> Awaitable[None] | None:
        """Take a line. To be awaited before the socket's next frame, when its right has to be asked first."""
        right = socket.rights.get(frame.thread)
        if right is None or right.writes is None:
            return self._ask_first(socket, frame)
        self._write(socket, frame, right)
        return None

    async def settled(self) -> None:
        """Wait until every line that was taken has been answered."""
        while self._flying:
            await asyncio.wait(tuple(self._flying))

    async def _ask_first(self, socket: Socket, frame: Say) -> None:
        hub = self._hub
        try:
            right = await may_write(hub.direct, hub.sights, socket, frame.thread)
        except Refusal as refusal:
            _refuse(socket, frame, refusal)
        else:
            self._write(socket, frame, right)

    def _write(self, socket: Socket, frame: Say, right: Right) -> None:
        try:
            if not right.writes:
                raise NotAllowed("may_not_write")
            if frame.audience == "staff" and not right.staff:
                raise NotAllowed("staff_lines_by_staff", field="audience")
            if socket.flying >= FLYING_MOST:
                raise TooMany("too_many_at_once", retry_after=1, limit=FLYING_MOST)
            body = self._body(frame)
        except Refusal as refusal:
            _refuse(socket, frame, refusal)
            return
        socket.flying += 1
        task = asyncio.create_task(self._commit(socket, frame, right, body))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def _commit(self, socket: Socket, frame: Say, right: Right, body: bytes) -> None:
        line = Line(frame.thread, frame.cid, frame.kind, body, socket.caller.account_id, frame.audience)
        try:
            said = await self._speaker.say(line)
            if isinstance(said, NotDirect):
                seq, at = await self._by_the_subject(socket, line, right)
            else:
                seq, at = said.seq, said.at
            socket.say(Said(frame.cid, frame.thread, seq, at))
        except NoSuchThread:
            _refuse(socket, frame, NotFound())
        except Refusal as refusal:
            _refuse(socket, frame, refusal)
        except Exception as error:
            # Whether it was written is not known; sent again under its cid, that is told.
            if isinstance(error, DBAPIError | OSError | TimeoutError):
                log.warning("line_unsure", error=type(error).__name__)
            else:
                log.exception("line_failed")
            _refuse(socket, frame, Unavailable("try_again"))
        finally:
            socket.flying -= 1

    async def _by_the_subject(self, socket: Socket, line: Line, right: Right) -> tuple[int, str]:
        """A line that something follows from is written by its subject, with that, in one transaction."""
        if right.turn is None:
            right.turn = asyncio.Lock()
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
        return appended.seq, spelled(appended.at)


def _refuse(socket: Socket, frame: Say, refusal: Refusal) -> None:
    refuse(socket, refusal, of="say", cid=frame.cid, thread=frame.thread)
