"""Topics: a state that some may follow, as a queue or one's place in it: told at once, and whenever it has changed."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec

from backend.core.caller import Caller
from backend.core.errors import NotFound, Refusal, TooMany
from backend.core.logging import log
from backend.platform.realtime.frames import Gone, TopicIs
from backend.platform.realtime.hub import Hub
from backend.platform.realtime.saying import refuse
from backend.platform.realtime.socket import Socket

FOLLOWED_MOST: Final = 50
_AT_MOST_EVERY_SECONDS: Final = 0.5

_ENCODE: Final = msgspec.json.Encoder().encode


class Topic(Protocol):
    """What one kind of topic tells. Made once a process; poked by `Work.announce`."""

    async def data(self, caller: Caller, subject_id: UUID) -> Any:
        """How it stands for this caller now, as JSON can hold it; None: for this caller there is no such topic."""


class _Followed:
    """A topic and its followers here, each with what it was told last."""

    __slots__ = ("followers", "id", "kind", "name", "stirred", "telling")

    def __init__(self, name: str) -> None:
        self.name = name
        self.kind, _, subject = name.partition(":")
        self.id = UUID(subject)
        self.followers: dict[Socket, bytes] = {}
        self.stirred = False
        self.telling: asyncio.Task[None] | None = None


class Topics:
    """Keeps the followers of this node told."""

    def __init__(self, hub: Hub, kinds: Mapping[str, Topic]) -> None:
        self._hub, self._kinds = hub, kinds
        self._followed: dict[str, _Followed] = {}

    async def follow(self, socket: Socket, name: str) -> None:
        """Tell a socket of a topic now and whenever it changes."""
        follows = socket.follows = socket.follows if socket.follows is not None else set()
        if name not in follows and len(follows) >= FOLLOWED_MOST:
            limit = TooMany("too_many_follows", retry_after=1, limit=FOLLOWED_MOST)
            refuse(socket, limit, of="follow", topic=name)
            return
        if name.partition(":")[0] not in self._kinds:
            refuse(socket, NotFound(), of="follow", topic=name)
            return
        followed = self._followed.get(name)
        if followed is None:
            followed = self._followed[name] = _Followed(name)
        follows.add(name)
        # As it may change from now on; it was told nothing yet.
        followed.followers[socket] = b""
        await self._hub.follow(name, lambda _payload: self._stir(followed))
        try:
            told = await self._tell(followed, socket)
        except Refusal as refusal:
            await self.unfollow(socket, name)
            refuse(socket, refusal, of="follow", topic=name)
        else:
            if not told:
                refuse(socket, NotFound(), of="follow", topic=name)

    async def unfollow(self, socket: Socket, name: str) -> None:
        """Tell it no longer."""
        if socket.follows is not None:
            socket.follows.discard(name)
        followed = self._followed.get(name)
        if (
            followed is not None
            and followed.followers.pop(socket, None) is not None
            and not followed.followers
        ):
            del self._followed[name]
            await self._hub.unfollow(name)

    async def leave(self, socket: Socket) -> None:
        """A socket is gone."""
        for name in tuple(socket.follows or ()):
            await self.unfollow(socket, name)

    def ask_again(self, socket: Socket) -> None:
        """Rights may have ended."""
        for name in socket.follows or ():
            if name in self._followed:
                self._stir(self._followed[name])

    def missed(self) -> None:
        """Something may have been missed of any topic."""
        for followed in self._followed.values():
            self._stir(followed)

    def _stir(self, followed: _Followed) -> None:
        followed.stirred = True
        if followed.telling is None:
            followed.telling = asyncio.create_task(self._tell_all(followed))

    async def _tell_all(self, followed: _Followed) -> None:
        try:
            while followed.stirred and followed.followers:
                followed.stirred = False
                for socket in tuple(followed.followers):
                    if not await self._tell(followed, socket):
                        socket.say(Gone("rights_ended", topic=followed.name))
                await asyncio.sleep(_AT_MOST_EVERY_SECONDS)
        except Exception as error:
            # The next poke, or the next look at everything, tells it.
            log.warning("topic_untold", topic=followed.name, error=type(error).__name__)
        finally:
            followed.telling = None

    async def _tell(self, followed: _Followed, socket: Socket) -> bool:
        """Tell one follower what has changed for it. False: there is no such topic for it any more."""
        async with self._hub.reading:
            data = await self._kinds[followed.kind].data(socket.caller, followed.id)
        if data is None:
            await self.unfollow(socket, followed.name)
            return False
        encoded = _ENCODE(data)
        if socket in followed.followers and followed.followers[socket] != encoded:
            followed.followers[socket] = encoded
            socket.say(TopicIs(followed.name, msgspec.Raw(encoded)))
        return True
