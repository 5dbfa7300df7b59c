"""Announcing a file: what is taken, how much of it, and where its bytes go."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Invalid, TooMany
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.files import repository
from backend.features.files.models import File
from backend.features.files.rules import (
    FORMATS,
    GRACE,
    HEIC,
    MOST_BYTES,
    UPLOAD_LIFE,
    Kind,
    accepted_names,
)
from backend.platform.process import Process
from backend.platform.timers import schedule

SWEEP: Final = "files.sweep"
"""The timer that looks whether a file is still needed; its key is the file's id."""

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Announced:
    """What a client says of a file it is about to send. `length` in bytes; `sha256`: of all of them."""

    kind: Kind
    name: str
    media_type: str
    length: int
    sha256: bytes | None


async def begin(process: Process, work: Work, caller: Caller, announced: Announced) -> File:
    """Make room for a file. It waits for its bytes for a day.

    Raises:
        Invalid: `heic_not_read`, `media_type_not_accepted`, `file_too_large`.
        TooMany: `files_too_many`, `files_too_many_bytes`.
    """
    form = _format(announced)
    if announced.length > MOST_BYTES[announced.kind]:
        raise Invalid("file_too_large", field="bytes", limit=MOST_BYTES[announced.kind] >> 20)
    await _within_limits(process, work, caller.account_id, announced.length)
    now = process.clock.now()
    file = File(
        id=new_id(),
        account_id=caller.account_id,
        kind=announced.kind,
        name=announced.name,
        media_type=announced.media_type,
        format=form,
        length=announced.length,
        sha256=announced.sha256,
        received=0,
        state="receiving",
        params={},
        sizes={},
        expires_at=now + UPLOAD_LIFE,
        created_at=now,
    )
    await repository.add(work, file)
    await sweep_at(process, work, file.id, after=UPLOAD_LIFE)
    return file


async def sweep_at(process: Process, work: Work, file_id: UUID, *, after: timedelta) -> None:
    """Have it looked at when that time and the grace are over: whether it is still needed."""
    due = process.clock.now() + after + GRACE
    await schedule(work, process.waker, SWEEP, str(file_id), due, {})


def _format(announced: Announced) -> str:
    kind, media_type = announced.kind, announced.media_type
    if kind == "photo" and (media_type in HEIC or announced.name.lower().endswith((".heic", ".heif"))):
        raise Invalid("heic_not_read", field="media_type")
    form = FORMATS[kind].get(media_type)
    if form is None:
        raise Invalid("media_type_not_accepted", field="media_type", accepted=accepted_names(kind))
    return form


async def _within_limits(process: Process, work: Work, account_id: UUID, announced: int) -> None:
    settings, now = process.settings, process.clock.now()
    await repository.lock_account(work, account_id)
    begun, _ = await repository.begun_since(work, account_id, now - _HOUR)
    if begun >= settings.files_per_hour:
        raise TooMany("files_too_many", retry_after=int(_HOUR.total_seconds()), limit=settings.files_per_hour)
    _, told = await repository.begun_since(work, account_id, now - _DAY)
    if told + announced > settings.files_bytes_per_day:
        raise TooMany(
            "files_too_many_bytes",
            retry_after=int(_HOUR.total_seconds()),
            limit=settings.files_bytes_per_day >> 20,
        )
