"""The socket's reference client: how an app loses no line, says none twice and shows none twice.

It is a whole client for one device, and short enough to read before writing one in another language:

* It keeps a cursor for every thread it follows: the seq of the last line it was sent. With its cursors it comes back,
  on whichever server, and is sent exactly what it missed.
* Every `entry` says in `prev` which line came before it *for this reader*; numbers may be missing, for not every line
  is for everybody. `prev` is not the cursor: something was lost on the way, so it watches again from its cursor. A line
  at or before the cursor is a double and is dropped.
* What it says waits in its outbox until the server answers `said`, which means that the line is on record. Until then
  it is sent again, after every return and after some seconds without an answer, always under the same `cid`: the server
  writes it once. One line of a thread is under way at a time, so that they stand in the order in which they were said.
* When the line is cut it comes back after a pause that grows, and is drawn at random, so that ten thousand phones do
  not come back in the same second. A server that goes down says in `bye` when to come.

    client = RealtimeClient(["ws://127.0.0.1:8000/v1/socket"], token)
    client.watch(thread)
    cid = client.say(thread, "厨房水槽下面在漏水")
    await client.run()                      # until the session has ended
"""

import asyncio
import json
import random
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

Frame = dict[str, Any]

SESSION_ENDED: Final = 4001
"""The close code after which only a new sign-in helps. After every other one comes back: 1012 the server goes away,
1011 a ping was not answered, 1009 a message was far too long, 4000 `hello` came late, 4008 read too slowly, 4009 sent
too much."""

PASSING: Final = frozenset({"try_again", "flood", "too_many_at_once"})
"""Refusals of a line that are of the moment; after any other, sending it again would be refused again."""


class SessionEnded(Exception):
    """The token opens nothing any more: sign in again."""


@dataclass(slots=True)
class Transcript:
    """A thread as this device has it."""

    cursor: int = 0
    lines: list[Frame] = field(default_factory=list)
    """Every `entry` once, in the order of seq. One of kind `withdrawn` takes back the line whose seq it `hides`."""
    read_to: dict[str | None, int] = field(default_factory=dict)
    """How far the others have read, by account; to an owner, None is the staff."""
    catching_up: bool = False

    def shown(self) -> list[Frame]:
        """What to put on the screen: without what was taken back."""
        hidden = {line["hides"] for line in self.lines if line["hides"] is not None}
        return [line for line in self.lines if line["seq"] not in hidden and line["kind"] != "withdrawn"]


class RealtimeClient:
    """One device of one account. Nothing here waits for the network but `run`, which keeps the line."""

    patience_seconds = 5.0
    """A line that is neither `said` nor refused after so long is sent again."""

    def __init__(
        self,
        addresses: Sequence[str],
        token: str,
        *,
        app: str = "reference",
        chance: random.Random | None = None,
    ) -> None:
        self._addresses = addresses
        self._token = token
        self._app = app
        self._chance = chance or random.Random()
        self._line: ClientConnection | None = None
        self._to_send: asyncio.Queue[Frame] = asyncio.Queue()
        self._sent_at: dict[str, float] = {}
        self._come_back_in: float | None = None
        self._greeted: set[str] = set()
        self.is_ready = False
        self.account = ""
        self.threads: list[Frame] = []
        """From `ready`: the threads that concern this account, the newest first: id, head, read, unread."""
        self.transcripts: dict[str, Transcript] = {}
        self.outbox: dict[str, deque[Frame]] = {}
        """By thread: what is not known to be on record, in the order it was said. An app keeps this on its disk."""
        self.said: dict[str, int] = {}
        """The seq of each line that is on record, by cid."""
        self.refused: dict[str, str] = {}
        """Why a line will never be, by cid: the code."""

    # What an app asks for.

    def watch(self, thread: str, after: int = 0) -> None:
        """Follow a thread from the line behind `after` on: now, and after every return."""
        self.transcripts[thread] = Transcript(cursor=after)
        self._watch_on(thread)

    def unwatch(self, thread: str) -> None:
        """Follow it no more."""
        del self.transcripts[thread]
        self._send({"op": "unwatch", "thread": thread})

    def say(self, thread: str, text: str, *, audience: str = "all", cid: str | None = None) -> str:
        """Put a line into the outbox. Its cid turns up in `said` or in `refused`."""
        frame = {
            "op": "say",
            "thread": thread,
            "cid": cid or str(uuid.UUID(int=self._chance.getrandbits(128), version=4)),
            "kind": "text",
            "body": {"text": text},
            "audience": audience,
        }
        waiting = self.outbox.setdefault(thread, deque())
        waiting.append(frame)
        if len(waiting) == 1:
            self._send_first(thread)
        return str(frame["cid"])

    def mark_read(self, thread: str, seq: int) -> None:
        """Say how far it was read. Lost with the line it is lost for good: the next mark makes up for it."""
        self._send({"op": "read", "thread": thread, "seq": seq})

    def typing(self, thread: str, on: bool) -> None:
        """Say that somebody types here, or no longer."""
        self._send({"op": "typing", "thread": thread, "on": on})

    async def run(self) -> None:
        """Keep the line, for as long as the session lives.

        Raises:
            SessionEnded: see there.
        """
        failures = 0
        while True:
            self._come_back_in = None
            try:
                async with connect(self._address(), compression=None, proxy=None, open_timeout=10) as line:
                    await self._talk(line)
            except ConnectionClosed as closed:
                if closed.rcvd is not None and closed.rcvd.code == SESSION_ENDED:
                    raise SessionEnded from closed
            except InvalidStatus as answered:
                self._come_back_in = float(answered.response.headers.get("retry-after", 0)) or None
            except (OSError, WebSocketException, TimeoutError):
                pass
            failures = 0 if self.is_ready else failures + 1
            self.is_ready = False
            await asyncio.sleep(self.pause(failures))

    def cut(self) -> None:
        """Drop the line as a tunnel does: without a word."""
        if self._line is not None:
            self._line.transport.abort()

    # How it is done.

    def _address(self) -> str:
        return self._chance.choice(self._addresses)

    def pause(self, failures: int) -> float:
        """Seconds until the next try: anything up to a bound that doubles, or as long as the server asked for."""
        if self._come_back_in is not None:
            return self._come_back_in * self._chance.uniform(1, 1.5)
        return self._chance.uniform(0, min(30.0, 0.5 * 2**failures))

    async def _talk(self, line: ClientConnection) -> None:
        """Say hello, then listen; beside it send what is asked for. Ends with the line."""
        cursors = {thread: transcript.cursor for thread, transcript in self.transcripts.items()}
        hello = {"op": "hello", "token": self._token, "app": self._app, "cursors": cursors}
        await line.send(json.dumps(hello))
        self._line, self._greeted = line, set(cursors)
        # What was not sent on the last line is in the cursors and the outbox.
        self._to_send = asyncio.Queue()
        for transcript in self.transcripts.values():
            transcript.catching_up = True
        beside = [asyncio.create_task(self._send_all(line)), asyncio.create_task(self._send_again())]
        try:
            async for text in line:
                self.heard(json.loads(text))
        finally:
            self._line = None
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _send_all(self, line: ClientConnection) -> None:
        while True:
            await line.send(json.dumps(await self._to_send.get(), ensure_ascii=False))

    async def _send_again(self) -> None:
        while True:
            await asyncio.sleep(self.patience_seconds / 4)
            too_long_ago = asyncio.get_running_loop().time() - self.patience_seconds
            for thread in [thread for thread, at in self._sent_at.items() if at < too_long_ago]:
                self._send_first(thread)

    def _send(self, frame: Frame) -> None:
        """Nothing is kept for a line that does not stand: `hello` and the outbox say it all when it is back."""
        if self.is_ready:
            self._to_send.put_nowait(frame)

    def _send_first(self, thread: str) -> None:
        self._sent_at.pop(thread, None)
        if self.is_ready and self.outbox.get(thread):
            self._sent_at[thread] = asyncio.get_running_loop().time()
            self._send(self.outbox[thread][0])

    def heard(self, frame: Frame) -> None:
        """One frame of the server's. What is not known here is for newer clients."""
        match frame["op"]:
            case "ready":
                self._ready(frame)
            case "entry":
                self._entry(frame)
            case "watching" if frame["thread"] in self.transcripts:
                self.transcripts[frame["thread"]].catching_up = False
            case "said":
                self.said[frame["cid"]] = frame["seq"]
                self._settled(frame)
            case "refused" if frame.get("cid") and frame["code"] not in PASSING:
                self.refused[frame["cid"]] = frame["code"]
                self._settled(frame)
            case "read" if frame["thread"] in self.transcripts:
                marks = self.transcripts[frame["thread"]].read_to
                marks[frame["account"]] = max(frame["seq"], marks.get(frame["account"], 0))
            case "gone":
                # The right to see it has ended.
                self.transcripts.pop(frame["thread"], None)
            case "bye":
                self._come_back_in = frame["retry_after"]

    def _ready(self, frame: Frame) -> None:
        self.account, self.threads = frame["account"], frame["threads"]
        if self.is_ready:
            return  # it comes again when other threads concern this account
        self.is_ready = True
        # What changed its mind between our hello and this.
        for thread in self.transcripts.keys() - self._greeted:
            self._watch_on(thread)
        for thread in self._greeted - self.transcripts.keys():
            self._send({"op": "unwatch", "thread": thread})
        self._sent_at.clear()
        for thread in self.outbox:
            self._send_first(thread)

    def _watch_on(self, thread: str) -> None:
        transcript = self.transcripts[thread]
        transcript.catching_up = True
        self._send({"op": "watch", "thread": thread, "after": transcript.cursor})

    def _entry(self, frame: Frame) -> None:
        transcript = self.transcripts.get(frame["thread"])
        if transcript is None or frame["seq"] <= transcript.cursor:
            return  # no longer followed; a double
        if frame["prev"] == transcript.cursor:
            transcript.lines.append(frame)
            transcript.cursor = frame["seq"]
        elif not transcript.catching_up:
            # Something is missing. What still comes before the answer fits as little as this did.
            self._watch_on(frame["thread"])

    def _settled(self, frame: Frame) -> None:
        """The first line of a thread's outbox needs no more sending, unless it was settled before."""
        thread = frame["thread"]
        waiting = self.outbox.get(thread)
        if waiting and waiting[0]["cid"] == frame["cid"]:
            waiting.popleft()
            self._send_first(thread)
