"""Serving a file by its link: for an image's address, which carries no header."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from backend.features.files import service
from backend.features.files.routes.deciding import deciders
from backend.features.files.rules import Size
from backend.platform.http.etags import holds
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, router

media = router(tag="files", keyed=False)

_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")

# What others uploaded never runs anything; and an app's page from another origin may show it.
_GUARD: Final = {
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
    # Kept by whoever has loaded it, and asked about each time: so the link dies with the right to see.
    "cache-control": "private, no-cache",
    "accept-ranges": "bytes",
}
_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_SERVED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The bytes", "content": {"image/webp": _BYTES, "application/octet-stream": _BYTES}},
    206: {"description": "The part of the bytes that `Range` asked for"},
    304: {"description": "You hold it already"},
}


@media.get(
    "/media/{file_id}/{size}",
    response_class=Response,
    responses=problems(403, 404, 416) | _SERVED,
)
async def open_media(
    request: Request,
    process: Here,
    file_id: UUID,
    size: Size,
    session: UUID,
    until: Annotated[int, Query(ge=0, le=2**40)],
    signature: Annotated[str, Query(max_length=100)],
) -> Response:
    """A photo, recording or document, by a link that `GET /v1/files/{file_id}` gave. It opens nothing when its minutes
    are over, its session has ended, or the file is no longer for whom it was made.
    """
    found = await service.opened(
        process,
        deciders(request),
        file_id,
        size,
        session=session,
        until=until,
        signature=signature,
    )
    tag = f'"{file_id.hex}-{size}"'
    headers = _GUARD | {"etag": tag, "content-disposition": _disposition(found)}
    if holds(request, tag):
        return Response(status_code=304, headers=headers)
    start, end, status = _part(request.headers, found.length, tag)
    if start >= end:
        return Response(status_code=416, headers=headers | {"content-range": f"bytes */{found.length}"})
    if status == 206:
        headers["content-range"] = f"bytes {start}-{end - 1}/{found.length}"
    headers["content-length"] = str(end - start)
    return StreamingResponse(
        process.store.read(found.key, start, end),
        status_code=status,
        media_type=found.media_type,
        headers=headers,
    )


def _disposition(found: service.Opened) -> str:
    if not found.attachment:
        return "inline"
    return f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"


def _part(headers: Mapping[str, str], size: int, tag: str) -> tuple[int, int, int]:
    """From, up to without, and the status: one range is served; several, or what we cannot read, get the whole."""
    asked = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if asked is None or asked[0] == "bytes=-" or headers.get("if-range", tag) != tag:
        return 0, size, 200
    if not asked[1]:
        return max(0, size - int(asked[2])), size, 206
    start = int(asked[1])
    end = min(size, int(asked[2]) + 1) if asked[2] else size
    if asked[2] and int(asked[2]) < start:
        return 0, size, 200
    return start, end, 206
