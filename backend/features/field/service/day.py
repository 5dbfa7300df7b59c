"""What a phone takes along, as far as it does not hold it yet.

The cursor is what the phone holds: the id of each ticket with a mark of what it looked like. So nothing needs keeping
here, nothing can be missed, and a phone that was restored from last week's backup is brought up to date like any other.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Final
from uuid import UUID

import msgspec

from backend.core.caller import Caller
from backend.core.errors import Invalid
from backend.features.field.repository.day import GAP, Written, live_tickets
from backend.features.field.rules import MOST_TICKETS, PAGE
from backend.features.files.service import Links
from backend.features.repairs.service import Part, State, legal
from backend.platform.process import Process

_ID, _MARK = 16, 6
_ENGINEER: Final[tuple[Part, ...]] = ("engineer",)
_FORM: Final = b"\x01"


async def bring(process: Process, caller: Caller, now: datetime, cursor: str | None) -> bytes:
    """As JSON: the caller's live tickets that the phone does not hold, or not like this; which of its own are gone; and
    the cursor that says so.

    Raises:
        Invalid: `cursor_invalid`.
    """
    held = _read(cursor)
    present = await live_tickets(process.direct, caller.account_id)
    marks = {one.id: _mark(one) for one in present}
    changed = [one for one in present if held.get(one.id) != marks[one.id]]
    sent = changed[:PAGE]
    now_held = {id_: mark for id_, mark in held.items() if id_ in marks} | {
        one.id: marks[one.id] for one in sent
    }
    moment = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    more = "true" if len(changed) > len(sent) else "false"
    links = Links(process, caller)
    tickets = ",".join(_told(one, links) for one in sent)
    gone = ",".join(f'"{id_}"' for id_ in held if id_ not in marks)
    told = f'{{"now":"{moment}","cursor":"{_written(now_held)}","more":{more},"tickets":[{tickets}],"gone":[{gone}]}}'
    # The database writes JSON with blanks, and a phone may stand in a basement.
    return msgspec.json.format(told.encode(), indent=-1)


def _told(one: Written, links: Links) -> str:
    head, middle, files, tail = one.text.split(GAP)
    photos = ",".join(
        f'{{"file":"{file}","thumbnail":"{links.to(file, "thumbnail")}"}}'
        for file in files.split(",")
        if file
    )
    return f"{head}{_moves(one.state)}{middle}[{photos}]{tail}"


@cache
def _moves(state: State) -> str:
    return msgspec.json.encode(legal(state, _ENGINEER)).decode()


def _mark(one: Written) -> bytes:
    # Not of the links: they are new each time.
    return hashlib.blake2b(one.text.encode(), digest_size=_MARK).digest()


def _written(held: Mapping[UUID, bytes]) -> str:
    packed = _FORM + b"".join(id_.bytes + mark for id_, mark in held.items())
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _read(cursor: str | None) -> dict[UUID, bytes]:
    """What a phone says it holds. One that somebody edited only makes them download too much or too little."""
    if cursor is None:
        return {}
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("cursor_invalid", field="cursor") from None
    form, rest = packed[:1], packed[1:]
    size = _ID + _MARK
    if form != _FORM or len(rest) % size or len(rest) > size * MOST_TICKETS:
        raise Invalid("cursor_invalid", field="cursor")
    pairs = (rest[at : at + size] for at in range(0, len(rest), size))
    return {UUID(bytes=pair[:_ID]): pair[_ID:] for pair in pairs}
