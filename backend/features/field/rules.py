"""What a phone hands in, read piece by piece; which time of it is believed; when it was overtaken. Pure."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from backend.core.errors import Fault
from backend.core.wire import Asked, Instant, printable

MOST_OPERATIONS: Final = 100
"""How many operations one request takes."""

MOST_BYTES: Final = 16 << 10
"""How long one operation may be, as JSON in ASCII. Photos travel by themselves."""

MOST_PHOTOS: Final = 60
"""How many photos one operation names."""

MOST_TICKETS: Final = 200
"""How many live tickets a phone is given: the cursor names each of them and travels in an address."""


PAGE: Final = 50
"""How many tickets one answer brings."""

Outcome = Literal["applied", "refused"]

REUSED: Final = "operation_id_reused"
"""The code of what came under an id that stands for something else."""

PASSING: Final = frozenset({"file_not_ready", "try_again", "earlier_waits"})
"""Why something is answered `later` and not refused: sent again as it is, it may be taken."""


class _Written(Asked):
    """An operation as an app should write it."""

    id: UUID
    at: Instant
    ticket: UUID
    base_version: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)]
    op: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
    data: dict[str, Any]


_WRITTEN: Final = TypeAdapter(_Written)
_ID: Final = TypeAdapter(UUID)
_AT: Final = TypeAdapter(Instant)
_PHOTOS: Final = TypeAdapter(list[UUID])


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that somebody recorded. What could not be read is None, and `faults` says what and why.

    `id` is the phone's own; of an operation without one it follows from the content, so that this too is kept once.
    `digest` is that of the content, which is `text`: JSON in ASCII, as nothing else can hold whatever a phone may send.
    """

    id: UUID
    digest: bytes
    text: str
    at: datetime | None
    ticket: UUID | None
    base_version: int
    op: str
    data: Mapping[str, Any]
    photos: Sequence[UUID]
    faults: tuple[Fault, ...]

    @property
    def too_large(self) -> bool:
        """Too long for a line of a thread."""
        return len(self.text) > MOST_BYTES


def read(sent: Any) -> Operation:
    """What a phone sent as one operation. It never fails: a wrong one is read as far as it can be."""
    text = json.dumps(sent, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).digest()
    told = sent if isinstance(sent, dict) else {}
    data = told.get("data") if isinstance(told.get("data"), dict) else {}
    faults = tuple(_faults(sent, text))
    op = told.get("op")
    return Operation(
        id=_found(_ID, told.get("id")) or UUID(bytes=digest[:16], version=5),
        digest=digest,
        text=text,
        at=_found(_AT, told.get("at")),
        ticket=_found(_ID, told.get("ticket")),
        base_version=0 if faults else told["base_version"],
        op=op if isinstance(op, str) and op.isascii() and op.isprintable() and len(op) <= 40 else "",
        data={} if faults or data is None else data,
        photos=() if len(text) > MOST_BYTES else list(dict.fromkeys(_photos(data)))[:MOST_PHOTOS],
        faults=faults,
    )


def _found(shape: TypeAdapter[Any], value: Any) -> Any:
    try:
        return None if value is None else shape.validate_python(value)
    except ValidationError:
        return None


def _faults(sent: Any, text: str) -> Iterator[Fault]:
    if len(text) > MOST_BYTES:
        yield Fault("", "operation_too_large", {"limit": MOST_BYTES >> 10})
        return
    try:
        json.dumps(sent, allow_nan=False)
        written = _WRITTEN.validate_json(text)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            params = {name: value for name, value in one.get("ctx", {}).items() if name != "error"}
            place = ".".join(map(str, one["loc"]))[:200].encode(errors="replace").decode()
            yield Fault(place, one["type"], params)
        return
    except ValueError:
        yield Fault("data", "not_a_number", {})
        return
    if len(set(_photos(written.data))) > MOST_PHOTOS:
        yield Fault("data", "photos_too_many", {"limit": MOST_PHOTOS})
    try:
        for string in _strings(written.data):
            printable(string)
    except ValueError:
        yield Fault("data", "control_character", {})


def _photos(value: Any) -> Iterator[UUID]:
    """The files that it names, wherever: each move has its `photos` in its own place."""
    if isinstance(value, dict):
        yield from _found(_PHOTOS, value.get("photos")) or []
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _photos(part)


def _strings(value: Any) -> Iterator[str]:
    """Every string in it, names too. What pydantic has read is nested no deeper than it allows."""
    match value:
        case str():
            yield value
        case dict():
            for name, part in value.items():
                yield name
                yield from _strings(part)
        case list():
            for part in value:
                yield from _strings(part)


def believed(claimed: datetime | None, *, opened: datetime, received: datetime) -> datetime:
    """When it happened, as far as a phone's clock is believed: not before the ticket was, and not in the future.

    The record keeps the claim beside it, and when it was received (CT-45).
    """
    return received if claimed is None else max(opened, min(claimed, received))


def overtaken(base_version: int, turns: Sequence[int], own: Collection[tuple[int, int]]) -> bool:
    """Whether somebody else has brought the ticket into another state since what the person saw when they recorded.

    `turns`: the versions with which the ticket changed its state; `own`: what this same phone's operations have brought
    it from and to. Those are no surprise to it; and neither is what leaves the state as it was: an owner who adds a
    photo does not undo an engineer's afternoon.
    """
    return any(
        version > base_version and not any(before < version <= after for before, after in own)
        for version in turns
    )
