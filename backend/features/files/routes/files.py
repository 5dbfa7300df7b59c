"""Announcing a file, and what has become of it."""

from uuid import UUID

from fastapi import Request, Response

from backend.core.caller import Caller
from backend.core.locale import Locale, sentence
from backend.features.files import schemas, service
from backend.features.files.routes.deciding import deciders
from backend.platform.http.caller import SignedIn
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router
from backend.platform.process import Process

files = router(tag="files")


@files.post("/files", status_code=201, responses=problems(401))
async def begin_file(
    process: Here, work: Uow, caller: SignedIn, locale: Lang, response: Response, asked: schemas.NewFile
) -> schemas.File:
    """Announce a photo, a recording or a document; then send its bytes to the upload address, and say it as a line.

    Photos: JPEG, PNG, WebP up to 30 MiB. Recordings: AAC, M4A, MP3, AMR, Ogg, WAV up to 20 MiB. Documents: PDF, DOCX,
    XLSX, PPTX, TXT up to 50 MiB.
    """
    announced = service.Announced(
        kind=asked.kind,
        name=asked.name,
        media_type=asked.media_type,
        length=asked.bytes,
        sha256=None if asked.sha256 is None else bytes.fromhex(asked.sha256),
    )
    file = await service.begin(process, work, caller, announced)
    response.headers["location"] = _upload_address(file.id)
    return _shown(process, caller, locale, file)


@files.get("/files/{file_id}", responses=problems(401, 404))
async def read_file(
    request: Request, process: Here, caller: SignedIn, locale: Lang, file_id: UUID
) -> schemas.File:
    """A file of mine, or one that a line or a post I see shows: how far it is, and fresh links to its sizes."""
    row = await service.seen(process, deciders(request), caller, file_id)
    return _shown(process, caller, locale, row)


def _shown(
    process: Process, caller: Caller, locale: Locale, row: service.File | service.Found
) -> schemas.File:
    upload = refusal = None
    if row.state == "receiving":
        upload = schemas.Upload(
            address=_upload_address(row.id), offset=row.received, expires_at=row.expires_at
        )
    if row.code is not None:
        detail = sentence(locale, row.code, row.params)
        refusal = schemas.FileRefusal(code=row.code, detail=detail)
    sizes = row.sizes if row.state == "ready" else {}
    return schemas.File(
        id=row.id,
        kind=row.kind,
        state=row.state,
        name=row.name,
        media_type=row.media_type,
        bytes=row.length,
        upload=upload,
        refusal=refusal,
        sizes={
            size: schemas.FileSize(**kept, link=service.link(process, caller, row.id, size))
            for size, kept in sizes.items()
        },
        created_at=row.created_at,
    )


def _upload_address(file_id: UUID) -> str:
    return f"/v1/uploads/{file_id}"
