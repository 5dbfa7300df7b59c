"""A page of a home's feed as JSON: what posts say, made ready once for all readers, and what is each reader's own.

Phones ask for it all the time, and a published post stays as it is. What surrounds it may change (the name of a
building, the standard's word for a milestone), so what was made ready is made anew after a minute.
"""

import re
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple, cast
from uuid import UUID

import msgspec

from backend.core.caller import Caller
from backend.core.locale import Locale
from backend.core.paging import encode_cursor
from backend.features.files.service import Links, Size
from backend.features.progress import schemas, service
from backend.features.progress.routes.showing import shown
from backend.platform.http.digests import digest_tag, told_tag
from backend.platform.http.etags import shape_of
from backend.platform.process import Process

_SHAPE: Final = shape_of(schemas.Post)
_SECONDS: Final = 60.0
_MOST: Final = 2_000

# What nobody can have written: it stands where something is filled in.
_HOLE: Final = f"hole-{secrets.token_hex(12)}-"
_HOLES: Final = re.compile(rf'"{_HOLE}(?:(\w+)"|([0-9a-f-]{{36}})/(\w+)")')
_FILLED: Final = ("slots", "corrected_by", "read_at", "confirmed_at", "booking")


def _hole(file_id: UUID, size: Size) -> str:
    return f"{_HOLE}{file_id}/{size}"


class _Ready(NamedTuple):
    """A post as JSON in pieces: between them stand the values named, or links to (file, size)."""

    pieces: tuple[str, ...]
    holes: tuple[str | tuple[str, Size], ...]
    mark: str
    until: float


_ready: dict[tuple[UUID, Locale], _Ready] = {}


async def told(
    process: Process,
    caller: Caller,
    now: datetime,
    locale: Locale,
    found: Sequence[service.FeedRow],
    limit: int,
    holds: Callable[[str], bool] | None,
) -> tuple[str, bytes | None]:
    """The page's entity tag and, unless the caller `holds` that already, the page. `found` holds one more, if any."""
    page, links = found[:limit], Links(process, caller)
    made = await _made_ready(process, caller, now, locale, page)
    tag = told_tag(
        _SHAPE,
        caller.session_id,
        links.until,
        len(found) > limit,
        *(one.mark for one in made),
        *map(tuple, page),
    )
    if holds is not None and holds(tag):
        return tag, None
    items = ",".join(_filled(one, row, links) for one, row in zip(made, page, strict=True))
    last = page[-1] if len(found) > limit else None
    following = "null" if last is None else f'"{encode_cursor(last.published_at.isoformat(), last.id)}"'
    return tag, f'{{"items":[{items}],"next":{following}}}'.encode()


def _filled(ready: _Ready, row: service.FeedRow, links: Links) -> str:
    corrected = ",".join(f'"{one}"' for one in row.corrected_by or ())
    values = {
        "slots": row.slots or "[]",
        "corrected_by": f"[{corrected}]",
        "read_at": _text(row.read_at),
        "confirmed_at": _text(row.confirmed_at),
        "booking": row.booking or "null",
    }
    to = links.to
    parts = [ready.pieces[0]]
    for hole, piece in zip(ready.holes, ready.pieces[1:], strict=True):
        parts += (values[hole] if isinstance(hole, str) else f'"{to(*hole)}"', piece)
    return "".join(parts)


def _text(moment: str | None) -> str:
    return "null" if moment is None else f'"{moment}"'


async def _made_ready(
    process: Process, caller: Caller, now: datetime, locale: Locale, page: Sequence[service.FeedRow]
) -> list[_Ready]:
    at = time.monotonic()
    made = {
        row.id: one for row in page if (one := _ready.get((row.id, locale))) is not None and one.until > at
    }
    if missing := [row.id for row in page if row.id not in made]:
        if len(_ready) > _MOST:
            _ready.clear()
        for view in await service.posts_said(process, caller, now, missing, locale):
            said = shown(process, caller, view, _hole).model_dump(mode="json")
            said |= {name: _HOLE + name for name in _FILLED}
            made[view.post.id] = _ready[view.post.id, locale] = _in_pieces(
                msgspec.json.encode(said).decode(), at
            )
    return [made[row.id] for row in page]


def _in_pieces(said: str, at: float) -> _Ready:
    pieces: list[str] = []
    holes: list[str | tuple[str, Size]] = []
    end = 0
    for found in _HOLES.finditer(said):
        pieces.append(said[end : found.start()])
        holes.append(found[1] or (found[2], cast("Size", found[3])))
        end = found.end()
    pieces.append(said[end:])
    mark = digest_tag("".join(pieces).encode())
    return _Ready(tuple(pieces), tuple(holes), mark, at + _SECONDS)
