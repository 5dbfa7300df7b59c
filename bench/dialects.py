"""How each of the servers is spoken to: ours with its whole protocol, the peers with the little they have."""

import json
from itertools import count

from bench.sockets import frame
from bench.talking import LINE, End

_BODY = json.dumps({"text": LINE}, ensure_ascii=False)

_READ_EVERY = 8
_NOTE_EVERY = 16


class Ours(End):
    """Signed in and watching. Reads now and then, and an employee notes something that the owner must not see.

    Every line is looked at: that none is missing and none is twice (`prev`), and that no owner is shown a staff line.
    """

    def __init__(self, token: str, thread: str, *, staff: bool) -> None:
        super().__init__("/v1/socket")
        self._token, self._thread, self._staff = token, thread, staff
        self._says = f'{{"op":"say","thread":"{thread}","kind":"text","body":{_BODY},"cid":"'
        self._heard = self._spoken = 0
        self.seq = 0

    def opened(self) -> None:
        hello = {"op": "hello", "token": self._token, "app": "bench"}
        watch = {"op": "watch", "thread": self._thread}
        self.send(frame(json.dumps(hello).encode()) + frame(json.dumps(watch).encode()))

    def say(self, cid: str) -> None:
        self._spoken += 1
        line = frame(f'{self._says}{cid}"}}'.encode())
        if self._staff and self._spoken % _NOTE_EVERY == 0:
            line = frame(f'{self._says}note-{cid}","audience":"staff"}}'.encode()) + line
        self.send(line)

    def heard(self, payload: bytes) -> None:
        if payload.startswith(b'{"op":"entry"'):
            self._entry(payload)
        elif payload.startswith(b'{"op":"said"'):
            self.talk.acknowledged(payload)
        elif payload.startswith(b'{"op":"watching"'):
            self.seq = number(payload, b'"head":')
            self.ready.set_result(None)
        elif payload.startswith((b'{"op":"refused"', b'{"op":"bye"', b'{"op":"gone"')):
            self.went_wrong(payload.decode())

    def _entry(self, payload: bytes) -> None:
        seq = number(payload, b'"seq":')
        if number(payload, b'"prev":') != self.seq:
            self.went_wrong(f"after {self.seq} came {payload.decode()}")
        if not self._staff and b'"audience":"staff"' in payload:
            self.went_wrong(f"an owner was shown {payload.decode()}")
        self.seq = seq
        self._heard += 1
        if self._heard % _READ_EVERY == 0:
            self.send(frame(f'{{"op":"read","thread":"{self._thread}","seq":{seq}}}'.encode()))
        self.talk.delivered(self, payload)


def number(payload: bytes, name: bytes) -> int:
    """The first number of this name in a frame."""
    begin = payload.find(name) + len(name)
    end = begin
    while payload[end : end + 1].isdigit():
        end += 1
    return int(payload[begin:end])


class Bare(End):
    """Frames of JSON like ours, for the peers that are nothing but a socket."""

    def __init__(self, thread: int) -> None:
        super().__init__("/")
        self._thread = thread
        self._says = f'{{"op":"say","thread":{thread},"body":{_BODY},"cid":"'

    def opened(self) -> None:
        self.send(frame(f'{{"op":"watch","thread":{self._thread}}}'.encode()))

    def say(self, cid: str) -> None:
        self.send(frame(f'{self._says}{cid}"}}'.encode()))

    def heard(self, payload: bytes) -> None:
        if payload.startswith(b'{"op":"entry"'):
            self.talk.delivered(self, payload)
        elif payload.startswith(b'{"op":"said"'):
            self.talk.acknowledged(payload)
        elif payload.startswith(b'{"op":"watching"'):
            self.ready.set_result(None)


class SocketIo(End):
    """Socket.IO 4 over its WebSocket transport: packets of Engine.IO, events with acknowledgements."""

    def __init__(self, thread: int) -> None:
        super().__init__("/socket.io/?EIO=4&transport=websocket")
        self._thread = thread
        self._says = f'["say",{{"thread":"{thread}","body":{_BODY},"cid":"'
        self._numbers = count()

    def say(self, cid: str) -> None:
        self.send(frame(f'42{next(self._numbers)}{self._says}{cid}"}}]'.encode()))

    def heard(self, payload: bytes) -> None:
        if payload.startswith(b'42["entry"'):
            self.talk.delivered(self, payload)
        elif payload.startswith(b"43"):
            if self.ready.done():
                self.talk.acknowledged(payload)
            else:
                self.ready.set_result(None)
        elif payload == b"2":
            self.send(frame(b"3"))
        elif payload.startswith(b"40"):
            self.send(frame(f'42{next(self._numbers)}["watch","{self._thread}"]'.encode()))
        elif payload.startswith(b"0"):
            self.send(frame(b"40"))
