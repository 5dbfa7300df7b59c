"""Every frame of the socket, both ways: a text frame is one JSON object, and `op` says which. `docs/asyncapi.yaml`
says the same to app developers; a test holds the two together.
"""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Raw, Struct, UnsetType
from msgspec.json import Decoder, Encoder

from backend.platform.threads import Audience

LAST_SEQ: Final = 2**31 - 1
FRAME_BYTES: Final = 64 << 10
"""The longest frame that is read; a longer one is refused by name. Above 1 MiB the socket itself is closed (1009)."""

Seq = Annotated[int, Meta(ge=0, le=LAST_SEQ)]
Cid = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
"""A sender's own name for a line, once in a thread: as over REST."""

TopicName = Annotated[
    str, Meta(pattern=r"^[a-z]{1,20}:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
]
App = Annotated[str, Meta(max_length=200)]


class _Asked(Struct, frozen=True, gc=False, tag_field="op", tag=str.lower, forbid_unknown_fields=True):
    """A frame from a client."""


class Hello(_Asked, frozen=True, gc=False, kw_only=True):
    """The first frame, within five seconds. `cursors`: watch each of these threads after that seq."""

    token: Annotated[str, Meta(max_length=1000)]
    app: App
    cursors: dict[UUID, Seq] = {}
    locale: Annotated[str, Meta(max_length=100)] | None = None


class Watch(_Asked, frozen=True, gc=False):
    """Follow a thread from behind `after` on; left out: from now on."""

    thread: UUID
    after: Seq | None = None


class Unwatch(_Asked, frozen=True, gc=False):
    """Follow it no longer."""

    thread: UUID


class Say(_Asked, frozen=True, gc=False):
    """Write a line. The same `cid` again gives the first line's place and writes nothing."""

    thread: UUID
    cid: Cid
    kind: Literal["text", "photo", "file", "voice", "place"]
    body: Raw
    audience: Audience = "all"


class Read(_Asked, frozen=True, gc=False):
    """I have read up to here. Never goes back."""

    thread: UUID
    seq: Seq


class Typing(_Asked, frozen=True, gc=False):
    """I am writing something, or no longer. Forgotten after some seconds unless it is said again."""

    thread: UUID
    on: bool


class Away(_Asked, frozen=True, gc=False):
    """The app went to the background, or came back."""

    on: bool


class Follow(_Asked, frozen=True, gc=False):
    """Be told of a topic now and whenever it changes: `queue:<project>`, `place:<conversation>`."""

    topic: TopicName


class Unfollow(_Asked, frozen=True, gc=False):
    """Be told of it no longer."""

    topic: TopicName


Asked = Hello | Watch | Unwatch | Say | Read | Typing | Away | Follow | Unfollow


class _Told(Struct, frozen=True, gc=False, tag_field="op", tag=str.lower, omit_defaults=False):
    """A frame from the server."""


class Standing(Struct, frozen=True, gc=False):
    """How a reader stands on a thread: its last line they may see, how far they have read, lines of others after it."""

    id: UUID
    head: int
    read: int
    unread: int


class Ready(_Told, frozen=True, gc=False):
    """You are in. The threads that concern you, newest first, at most 200. Comes again when others concern you."""

    account: UUID
    now: str
    threads: list[Standing]


class Watching(_Told, frozen=True, gc=False):
    """The past of a thread has been sent, up to `head`; what follows is live."""

    thread: UUID
    head: int


class Entry(_Told, frozen=True, gc=False):
    """A line. `prev`: the line this reader was sent before it on the thread, or the cursor they came with."""

    thread: UUID
    prev: int
    seq: int
    kind: str
    author: UUID | None
    body: dict[str, Any]
    at: str
    audience: Audience
    cid: str | None
    hides: int | None
    erased: bool


class Said(_Told, frozen=True, gc=False):
    """Your line is committed: it survives a power cut."""

    cid: str
    thread: UUID
    seq: int
    at: str


class ReadBy(_Told, frozen=True, gc=False, tag="read"):
    """Somebody has read up to `seq`. To owners, `account` null is the staff."""

    thread: UUID
    account: UUID | None
    seq: int


class TypingBy(_Told, frozen=True, gc=False, tag="typing"):
    """Somebody is writing, or no longer. To owners, `account` null is the staff."""

    thread: UUID
    account: UUID | None
    on: bool


class Presence(_Told, frozen=True, gc=False):
    """Who else has the thread open. To owners, `account` null is the staff."""

    account: UUID | None
    state: Literal["here", "away", "gone"]
    thread: UUID


class TopicIs(_Told, frozen=True, gc=False, tag="topic"):
    """How a topic that you follow stands."""

    topic: str
    data: Any


class Notice(_Told, frozen=True, gc=False):
    """How your inbox stands, whenever that has changed: how many you have not read, and the newest of them.

    The rows themselves are read by `GET /v1/notices`, which says how it stands when you come in.
    """

    unread: int
    newest: UUID | None


class Refused(_Told, frozen=True, gc=False, omit_defaults=True):
    """A frame of yours changed nothing, and why. `of` is its op, null where it had none that is known; `detail` a
    sentence for people. The socket stays open."""

    of: str | None
    code: str
    detail: str
    cid: str | UnsetType = UNSET
    thread: UUID | UnsetType = UNSET
    topic: str | UnsetType = UNSET
    field: str | UnsetType = UNSET


class Gone(_Told, frozen=True, gc=False, omit_defaults=True):
    """You no longer may see this thread or topic; nothing more of it comes."""

    code: str
    thread: UUID | UnsetType = UNSET
    topic: str | UnsetType = UNSET


class Bye(_Told, frozen=True, gc=False):
    """The server is going away: come back after `retry_after` seconds. The socket is closed right behind it."""

    code: str
    retry_after: float


Told = (
    Ready | Watching | Entry | Said | ReadBy | TypingBy | Presence | TopicIs | Notice | Refused | Gone | Bye
)

ASKED: Final = Decoder(Asked)
_ENCODER: Final = Encoder()


_SHORT, _MIDDLE = 126, 1 << 16


def text_frame(text: bytes) -> bytes:
    """A text as a server's frame: whole, unmasked, without extensions (RFC 6455, 5.2)."""
    size = len(text)
    if size < _SHORT:
        return b"\x81%c%b" % (size, text)
    if size < _MIDDLE:
        return b"\x81\x7e%b%b" % (size.to_bytes(2), text)
    return b"\x81\x7f%b%b" % (size.to_bytes(8), text)


def told(frame: Told) -> bytes:
    """A frame as it goes over the wire."""
    return text_frame(_ENCODER.encode(frame))


def entry_told(thread: bytes, prev: int, line: bytes) -> bytes:
    """A line as it goes over the wire to a reader whose last one was `prev`. `line` is its JSON object."""
    return text_frame(b'{"op":"entry","thread":"%b","prev":%d,%b' % (thread, prev, line[1:]))


REFUSALS: Final = (
    "fields_invalid",
    "file_not_ready",
    "file_of_another_kind",
    "file_refused",
    "flood",
    "hello_again",
    "hello_first",
    "line_unwritable",
    "may_not_write",
    "not_an_object",
    "not_found",
    "not_json",
    "not_signed_in",
    "not_text",
    "not_watched",
    "staff_lines_by_staff",
    "too_large",
    "too_many_at_once",
    "too_many_follows",
    "too_many_watches",
    "try_again",
    "unknown_op",
    "wrong_shape",
)
"""The codes of `refused`; a thread's subject may have further ones for lines that go by its own verb."""

CLOSES: Final = {
    1001: "You went away.",
    1009: "A message above 1 MiB.",
    1011: "You did not answer a ping.",
    1012: "The server is going away, after `bye`.",
    4000: "No valid `hello` as the first frame within five seconds.",
    4001: "Your session has ended: sign in again.",
    4008: "You read too slowly: come back with your cursors.",
    4009: "Too many frames, after they were refused.",
}
"""What the socket is closed with, and why."""
