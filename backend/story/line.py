"""One device on the socket: it talks on one thread, and hears what is said there."""

import asyncio
import json
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from backend.story.telling import Wrong
from backend.story.town import Person

Frame = dict[str, Any]

_PATIENCE_SECONDS: Final = 30.0


class Line:
    """`async with Line(person) as line`; `frames` is what has come by now, in its order."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._socket: ClientConnection | None = None
        self.frames: list[Frame] = []

    async def __aenter__(self) -> Self:
        address = self._person.town.address.replace("http", "ws", 1)
        self._socket = await connect(f"{address}/v1/socket", compression=None, proxy=None)
        await self._send({"op": "hello", "token": self._person.token, "app": "story"})
        await self.hears("ready", lambda frame: frame["op"] == "ready")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._socket is not None
        await self._socket.close()

    async def watch(self, thread: str) -> None:
        """Follow a thread from its first line on."""
        await self._send({"op": "watch", "thread": thread, "after": 0})
        await self.hears("watching", lambda frame: frame["op"] == "watching" and frame["thread"] == thread)

    async def say(self, thread: str, text: str, audience: str = "all") -> Frame:
        """Say something; returns the `said` that tells that it is on record."""
        cid = str(uuid.uuid4())
        body = {"text": text}
        frame = {
            "op": "say",
            "thread": thread,
            "cid": cid,
            "kind": "text",
            "body": body,
            "audience": audience,
        }
        await self._send(frame)
        answer = await self.hears("said", lambda heard: heard.get("cid") == cid and heard["op"] != "entry")
        if answer["op"] != "said":
            raise Wrong(f"said: {text}", answer)
        return answer

    async def hears_words(self, text: str) -> Frame:
        """Wait for a line with this text."""
        return await self.hears(text, lambda frame: _words(frame) == text)

    def heard_words(self) -> list[str]:
        """The texts of all lines that have come."""
        return [words for frame in self.frames if (words := _words(frame)) is not None]

    async def hears(self, what: str, match: Callable[[Frame], bool]) -> Frame:
        """Wait for a frame, or find it among those that have come.

        Raises:
            Wrong: it does not come.
        """
        assert self._socket is not None
        for heard in self.frames:
            if match(heard):
                return heard
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while True:
                    frame: Frame = json.loads(await self._socket.recv())
                    self.frames.append(frame)
                    if match(frame):
                        return frame
        except (TimeoutError, ConnectionClosed) as error:
            raise Wrong(f"{self._person.name} ← {what}", self.frames[-3:]) from error

    async def _send(self, frame: Frame) -> None:
        assert self._socket is not None
        await self._socket.send(json.dumps(frame, ensure_ascii=False))


def _words(frame: Frame) -> str | None:
    return frame["body"].get("text") if frame["op"] == "entry" and frame["kind"] == "text" else None
