"""What a signed-in socket sends: each frame checked, counted and carried out in order, and refused by name."""

import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final

from backend.core.errors import NotFound, Refusal, TooMany, Unavailable
from backend.core.logging import log
from backend.platform.realtime.attending import Attending
from backend.platform.realtime.counting import COUNTS
from backend.platform.realtime.frames import (
    Asked,
    Away,
    Follow,
    Hello,
    Read,
    Refused,
    Say,
    Typing,
    Unfollow,
    Unwatch,
    Watch,
)
from backend.platform.realtime.hub import Hub
from backend.platform.realtime.joining import Joining
from backend.platform.realtime.marks import Marks
from backend.platform.realtime.presence import Presences
from backend.platform.realtime.reader import Reader
from backend.platform.realtime.refusing import Wrong, decoded, detail
from backend.platform.realtime.saying import Saying, refuse
from backend.platform.realtime.signing import Signing
from backend.platform.realtime.socket import Right, Socket, right_on
from backend.platform.realtime.topics import Topics

_USED_SECONDS: Final = 300.0
"""A session is noted as used at most so often."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one socket: frames a second, as many at once after a pause, and threads watched."""

    frames_per_second: float
    frames_at_once: float
    watches: int


def refuse_wrong(reader: Reader, wrong: Wrong) -> None:
    """Tell a client what is wrong with a frame."""
    COUNTS.refused[wrong.code] += 1
    about: dict[str, Any] = {
        name: wrong.frame[name] for name in ("cid", "thread", "topic") if name in wrong.frame
    }
    if "field" in wrong.params:
        about["field"] = wrong.params["field"]
    sentence = detail(reader.locale, wrong.code, wrong.params)
    reader.say(Refused(wrong.frame.get("op"), wrong.code, sentence, **about))


class Conversing:
    """One a process."""

    def __init__(
        self,
        hub: Hub,
        *,
        joining: Joining,
        saying: Saying,
        marks: Marks,
        presences: Presences,
        topics: Topics,
        attending: Attending,
        signing: Signing,
        limits: Limits,
    ) -> None:
        self._hub, self._joining, self._saying, self._marks = hub, joining, saying, marks
        self._presences, self._topics, self._attending, self._signing = presences, topics, attending, signing
        self._limits = limits

    def take(self, socket: Socket, text: bytes | None) -> Awaitable[None] | None:
        """Carry out a frame, or refuse it. What is returned must have ended before the next is taken."""
        COUNTS.frames_in += 1
        if socket.closing or not self._within_limits(socket):
            return None
        try:
            frame = decoded(text)
        except Wrong as wrong:
            refuse_wrong(socket, wrong)
            return None
        if type(frame) is Say:
            return self._saying.say(socket, frame)
        return self._other(socket, frame)

    def entered(self, socket: Socket, hello: Hello) -> None:
        """A socket is in: what it came back for is watched, and whoever counts employees is told."""
        for thread, after in hello.cursors.items():
            self.watch(socket, thread, after)
        if socket.employee:
            self._attending.came()

    async def leave(self, socket: Socket) -> None:
        """A socket is gone."""
        for thread_id in tuple(socket.watches):
            self._joining.unwatch(socket, thread_id)
        await self._topics.leave(socket)

    def _within_limits(self, socket: Socket) -> bool:
        """Count a frame. Too many are refused, and when as many again have come all the same, the socket is closed."""
        limits, now = self._limits, time.monotonic()
        if now - socket.used_at > _USED_SECONDS:
            socket.used_at = now
            self._signing.used(socket)
        left = socket.tokens + (now - socket.counted_at) * limits.frames_per_second
        socket.counted_at = now
        socket.tokens = left = min(left, limits.frames_at_once) - 1
        if left >= 0:
            return True
        if left < -limits.frames_at_once:
            socket.close(4009)
        else:
            refuse_wrong(socket, Wrong("flood"))
        return False

    def _other(self, socket: Socket, frame: Asked) -> Awaitable[None] | None:
        match frame:
            case Watch(thread, after):
                self.watch(socket, thread, after)
            case Unwatch(thread):
                self._joining.unwatch(socket, thread)
            case Read() | Typing():
                return self._on_thread(socket, frame)
            case Away(on):
                self._away(socket, on=on)
            case Follow(topic):
                return self._topics.follow(socket, topic)
            case Unfollow(topic):
                return self._topics.unfollow(socket, topic)
            case Hello():
                refuse_wrong(socket, Wrong("hello_again", {"op": "hello"}))
        return None

    def watch(self, socket: Socket, thread: Any, after: int | None) -> None:
        """Begin to watch a thread, within the limit."""
        if thread not in socket.watches and len(socket.watches) >= self._limits.watches:
            limit = TooMany("too_many_watches", retry_after=1, limit=self._limits.watches)
            refuse(socket, limit, of="watch", thread=thread)
        else:
            self._joining.watch(socket, thread, after)

    def _on_thread(self, socket: Socket, frame: Read | Typing) -> Awaitable[None] | None:
        right = socket.rights.get(frame.thread)
        if right is None:
            return self._ask_first(socket, frame)
        try:
            self._carry_out(socket, frame, right)
        except Refusal as refusal:
            refuse(socket, refusal, of=_op(frame), thread=frame.thread)
        return None

    async def _ask_first(self, socket: Socket, frame: Read | Typing) -> None:
        hub = self._hub
        try:
            watch = socket.watches.get(frame.thread)
            subject = None if watch is None else watch.thread.subject
            right = await right_on(hub.subjects.answer, hub.sights, socket, frame.thread, subject=subject)
            self._carry_out(socket, frame, right)
        except Refusal as refusal:
            refuse(socket, refusal, of=_op(frame), thread=frame.thread)
        except Exception:
            log.exception("frame_failed", op=_op(frame))
            refuse(socket, Unavailable("try_again"), of=_op(frame), thread=frame.thread)

    def _carry_out(self, socket: Socket, frame: Read | Typing, right: Right) -> None:
        caller = socket.caller
        if isinstance(frame, Typing):
            watch = socket.watches.get(frame.thread)
            if watch is None:
                raise NotFound("not_watched")
            self._presences.typing(watch.thread, caller, on=frame.on)
        elif not self._marks.note(frame.thread, caller.account_id, frame.seq, staff=right.staff):
            raise Unavailable("try_again")

    def _away(self, socket: Socket, *, on: bool) -> None:
        if socket.away == on:
            return
        socket.away = on
        for watch in socket.watches.values():
            self._presences.changed(watch.thread, socket.caller)
        if socket.employee and not on:
            self._attending.came()


def _op(frame: Read | Typing) -> str:
    return "read" if isinstance(frame, Read) else "typing"
