"""Who sees a file: who handed it in, who sees a line that names it, and who sees what shows it.

Asked anew with every byte that is served.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, NotAllowed, NotFound
from backend.db.direct import Direct
from backend.features.files import repository
from backend.features.files.repository import Found
from backend.features.files.rules import Size, link_until
from backend.features.files.service.keys import file_key
from backend.features.files.service.using import Shows
from backend.features.people.service import caller_of_session
from backend.platform.process import Process
from backend.platform.threads import Sight, seen_by

_PURPOSE: Final = "files.link"

# As what each format is served; a photo is always WebP.
_SERVED: Final = {
    "aac": "audio/aac",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "amr": "audio/amr",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "text": "text/plain",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link leads to: an object in the store, `length` bytes long, and how it is served."""

    key: str
    length: int
    media_type: str
    name: str
    attachment: bool


@dataclass(frozen=True, slots=True)
class Deciders:
    """Who decides who sees a file, by kind of subject: of threads that name it, and of what shows it otherwise."""

    sights: Mapping[str, Sight]
    shows: Mapping[str, Shows]


async def seen(process: Process, deciders: Deciders, caller: Caller, file_id: UUID) -> Found:
    """A file, when the caller may see it: in any state whoever handed it in, else when it is ready.

    Raises:
        NotFound: there is none, or none for this caller.
    """
    row = await repository.find(process.direct, file_id)
    if row is None or row.state == "removed":
        raise NotFound()
    if row.account_id == caller.account_id:
        return row
    if row.state == "ready":
        for line in await repository.naming(process.direct, file_id):
            sight = deciders.sights.get(line["subject_kind"])
            sees = None if sight is None else await sight.sight(caller, line["subject_id"])
            if sees is not None and (line["audience"] == "all" or seen_by(caller, sees) == "staff"):
                return row
        for use in await repository.used(process.direct, file_id):
            shows = deciders.shows.get(use["subject_kind"])
            if shows is not None and await shows.may_see(caller, use["subject_id"]):
                return row
    raise NotFound()


class Links:
    """Addresses that open files for one session and some minutes, until `until` (seconds since 1970)."""

    def __init__(self, process: Process, caller: Caller) -> None:
        self.until = link_until(process.clock.now())
        self._key = _link_key(process, caller.session_id, self.until)
        self._for = f"?session={caller.session_id}&until={self.until}&signature="

    def to(self, file_id: UUID | str, size: Size) -> str:
        """The address of one size of a file."""
        return f"/v1/media/{file_id}/{size}{self._for}{_signature(self._key, file_id, size)}"


def link(process: Process, caller: Caller, file_id: UUID, size: Size) -> str:
    """An address that opens one size of a file, for this session and some minutes."""
    return Links(process, caller).to(file_id, size)


async def opened(
    process: Process,
    deciders: Deciders,
    file_id: UUID,
    size: Size,
    *,
    session: UUID,
    until: int,
    signature: str,
) -> Opened:
    """What a link leads to, when it still leads anywhere for whom it was made.

    Raises:
        NotFound: no link of ours, its session has ended, or the file is no longer theirs to see.
        NotAllowed: `link_over`: ask for the file again and be given a new one.
    """
    ours = _signature(_link_key(process, session, until), file_id, size)
    if not hmac.compare_digest(ours.encode(), signature.encode("utf-8", "surrogatepass")):
        raise NotFound()
    now = process.clock.now()
    if datetime.fromtimestamp(until, UTC) <= now:
        raise NotAllowed("link_over")
    caller = await caller_of_session(process.direct, session, now)
    if caller is None:
        raise NotFound()
    row = await seen(process, deciders, caller, file_id)
    kept = row.sizes.get(size)
    if row.state != "ready" or kept is None:
        raise NotFound()
    photo = row.kind == "photo"
    return Opened(
        key=file_key(file_id, size),
        length=kept["bytes"],
        media_type="image/webp" if photo else _SERVED[row.format],
        name=row.name,
        attachment=not photo,
    )


async def may_be_said(
    direct: Direct, account_id: UUID, kind: str, file_id: UUID, *, unused: timedelta
) -> None:
    """Pass when an account may say this file as a line of this kind. One read: for every road lines come by.

    It needs no lock. A file that nobody has said is no longer taken when its time (`files_unused_hours`) is over, and
    swept only an hour later: by then a line that was on its way stands.

    Raises:
        NotFound: there is none, it is somebody else's, or its time is over.
        Conflict: `file_not_ready`, `file_refused`, `file_of_another_kind`.
    """
    row = await repository.sayable(direct, account_id, file_id, unused)
    if row is None:
        raise NotFound(field="body.file")
    if row["state"] == "refused":
        raise Conflict("file_refused", field="body.file")
    if row["state"] != "ready":
        raise Conflict("file_not_ready", field="body.file")
    if row["kind"] != kind:
        raise Conflict("file_of_another_kind", field="body.file")


def _link_key(process: Process, session: UUID, until: int) -> bytes:
    """A key for the links of one session: pages of photos have hundreds, and a keyed hash is cheaper than an HMAC."""
    return process.sealer.digest(f"{session}/{until}", purpose=_PURPOSE)


def _signature(key: bytes, file_id: UUID | str, size: str) -> str:
    return hashlib.blake2b(
        f"{file_id}/{size}".encode("utf-8", "surrogatepass"), key=key, digest_size=24
    ).hexdigest()
