"""Sending a file's bytes, by tus: begun anywhere, broken off anywhere, gone on with from where it stands.

A PATCH is no unit of work: each piece is kept as it comes, so that a line that breaks costs what was on its way and no
more.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Final
from uuid import UUID

from fastapi import Header, Request, Response
from starlette.requests import ClientDisconnect

from backend.features.files import service, tus
from backend.features.files.rules import MOST_BYTES
from backend.platform.http.caller import SignedIn
from backend.platform.http.frame import BodyTooLarge
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, router

uploads = router(tag="files", keyed=False)

Version = Annotated[str | None, Header(alias="Tus-Resumable", description=f"Always `{tus.VERSION}`.")]

_ABILITIES: Final = {
    "tus-version": tus.VERSION,
    "tus-extension": tus.EXTENSIONS,
    "tus-max-size": str(max(MOST_BYTES.values())),
    "tus-checksum-algorithm": ",".join(tus.ALGORITHMS),
}
_BODY: Final = {"requestBody": {"content": {tus.BYTES: {"schema": {"type": "string", "format": "binary"}}}}}


@uploads.options("/uploads/{file_id}", status_code=204, response_class=Response)
async def describe_upload(file_id: UUID) -> Response:  # noqa: ARG001  every upload is described alike
    """What this server knows of tus."""
    return Response(status_code=204, headers=_ABILITIES)


@uploads.head("/uploads/{file_id}", response_class=Response, responses=problems(401, 404, 412))
async def measure_upload(process: Here, caller: SignedIn, file_id: UUID, version: Version = None) -> Response:
    """How far an upload of mine is: `Upload-Offset` of `Upload-Length`."""
    tus.check_version(version)
    upload = await service.upload_of(process, caller, file_id)
    headers = _standing(upload, upload.received) | {"upload-length": str(upload.length)}
    return Response(status_code=200, headers=headers)


@uploads.patch(
    "/uploads/{file_id}",
    status_code=204,
    response_class=Response,
    responses=problems(401, 404, 409, 412, 415, 460),
    openapi_extra=_BODY,
)
async def send_upload(
    request: Request,
    process: Here,
    caller: SignedIn,
    file_id: UUID,
    version: Version = None,
    offset: Annotated[
        str | None, Header(alias="Upload-Offset", description="Where the upload stands; see HEAD.")
    ] = None,
    checksum: Annotated[
        str | None,
        Header(alias="Upload-Checksum", description="`sha1`, `sha256` or `md5`, a space, and base64."),
    ] = None,
) -> Response:
    """Send bytes of an upload of mine, as many as one likes, from where it stands. What has come when the line
    breaks is kept, unless it goes with a checksum.
    """
    tus.check_version(version)
    tus.check_type(request.headers.get("content-type"))
    at, must_be = tus.offset(offset), tus.checksum(checksum)
    upload = await service.upload_of(process, caller, file_id)
    try:
        reached = await service.receive(process, upload, at, _chunks(request), must_be)
    except service.Overfull as overfull:
        raise BodyTooLarge(overfull.left) from None
    return Response(status_code=204, headers=_standing(upload, reached))


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect:
        raise service.Cut from None


def _standing(upload: service.Found, offset: int) -> dict[str, str]:
    standing = {"upload-offset": str(offset)}
    if offset < upload.length:
        standing["upload-expires"] = tus.date(upload.expires_at)
    return standing
