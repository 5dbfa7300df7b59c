"""What features decide about the socket, handed to the platform: who somebody is, what they may, what they say."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from pydantic import ValidationError
from pydantic_core import from_json

from backend.core.errors import Fault, Invalid
from backend.features.chat.service import Attended, Stirred
from backend.features.notices.service import Inboxes
from backend.features.people.service import RIGHTS_CHANGED, SESSION_REVOKED, Authentication, living_sessions
from backend.features.records import schemas
from backend.features.records.service import check_file
from backend.platform.process import Process
from backend.platform.realtime.frames import Say
from backend.platform.realtime.opening import Given
from backend.platform.realtime.topics import Topic
from backend.platform.threads import Sight


def given(
    process: Process,
    authentication: Authentication,
    sights: Mapping[str, Sight],
    topics: Mapping[str, Topic],
) -> Given:
    """All of it, for one process."""

    async def attached(account_id: UUID, kind: str, body: bytes) -> None:
        await check_file(process, account_id, kind, from_json(body))

    return Given(
        sights=sights,
        topics=topics,
        body=body_of,
        attached=attached,
        authenticate=authentication.caller,
        living=lambda sessions: living_sessions(process, sessions),
        inboxes=Inboxes(process),
        attended=Attended(process),
        stirred=Stirred(process),
        session_revoked=SESSION_REVOKED,
        rights_changed=RIGHTS_CHANGED,
    )


def body_of(frame: Say) -> bytes:
    """A line's body as it goes on record, checked exactly as over REST.

    Raises:
        Invalid: `fields_invalid`, with a fault for each field.
    """
    if frame.kind == "text" and (words := _plain_words(frame.body)) is not None:
        return words
    try:
        said = schemas.BODIES[frame.kind].model_validate_json(bytes(frame.body))
    except ValidationError as error:
        raise Invalid("fields_invalid", faults=tuple(map(_fault, error.errors()))) from None
    return said.model_dump_json(exclude_none=True).encode()


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str


_WORDS: Final = msgspec.json.Decoder(_Words)


def _plain_words(body: msgspec.Raw) -> bytes | None:
    """The body of words that are what `schemas.Text` would leave as they are, which is nearly every line; else None.

    Asking the schema takes ten times as long. What is wrong is said by the schema alone.
    """
    try:
        words = _WORDS.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    # Printable is less than what is allowed: no line breaks, no marks of any kind, no blank but the plain one.
    text = words.text
    if (
        not 0 < len(text) <= schemas.SPOKEN_MOST
        or not text.isprintable()
        or text[0] == " "
        or text[-1] == " "
    ):
        return None
    return msgspec.json.encode(words)


def _fault(error: Any) -> Fault:
    place = ".".join(map(str, ("body", *error["loc"])))
    params = {key: value for key, value in (error.get("ctx") or {}).items() if key != "error"}
    return Fault(place[:200].encode(errors="replace").decode(), f"field_{error['type']}", params)
