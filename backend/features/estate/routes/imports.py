"""Imports: a workbook comes in, is looked at, and goes into the estate."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import File, Form, Query, Response, UploadFile

from backend.core.locale import Locale, say
from backend.core.paging import decode_cursor
from backend.core.wire import Line, Page
from backend.features.estate import schemas, service
from backend.features.estate.models import Import
from backend.features.estate.workbook import template
from backend.platform.http.caller import Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

imports = router(tag="imports")

_ALL_OR_NOTHING = schemas.Commit()
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@imports.get(
    "/imports/template",
    response_class=Response,
    responses=problems(401, 403)
    | {
        200: {
            "description": "A workbook",
            "content": {_WORKBOOK: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def download_import_template(_caller: Staff) -> Response:
    """An empty workbook whose columns we read, with an example row's words in its header."""
    return Response(
        template(),
        media_type=_WORKBOOK,
        headers={"content-disposition": 'attachment; filename="tongxing-estate.xlsx"'},
    )


@imports.post("/imports", status_code=202, responses=problems(401, 403))
async def start_import(
    process: Here,
    work: Uow,
    caller: Staff,
    locale: Lang,
    file: Annotated[
        UploadFile, File(description="An .xlsx workbook or a CSV file (UTF-8 or GB18030), at most 20 MiB")
    ],
    region: Annotated[
        Line | None, Form(description="The city company, where the file does not name it")
    ] = None,
    project: Annotated[
        Line | None, Form(description="The project, where the file does not name it: a CSV file")
    ] = None,
) -> schemas.Import:
    """Hand in a workbook. It is read by a job; look at the import until its state is `read` or `refused`."""
    held = await service.receive(
        process, work, caller, file.file, file.filename or "", region=region, project=project
    )
    return _shown(held, locale)


@imports.get("/imports/{import_id}", responses=problems(401, 403, 404))
async def read_import(
    process: Here, work: Uow, caller: Staff, locale: Lang, import_id: UUID
) -> schemas.Import:
    """How far an import of mine is, and what the sums of its rows are."""
    return _shown(await service.find_import(work, caller, process.clock.now(), import_id), locale)


@imports.get("/imports/{import_id}/rows", responses=problems(401, 403, 404))
async def list_import_rows(
    process: Here,
    work: Uow,
    caller: Staff,
    locale: Lang,
    import_id: UUID,
    state: Annotated[
        Literal["ok", "refused", "skipped"] | None, Query(description="Only rows of this state")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[schemas.ImportRow]:
    """The rows of an import as they were judged, by their number in the sheet."""
    after = decode_cursor(cursor, tuple[int])
    found = await service.report_of(
        work, caller, process.clock.now(), import_id, state, after[0] if after else 0, limit + 1
    )
    return page_of(found, limit, show=lambda row: _row(row, locale), key=lambda row: (row.row,))


@imports.post("/imports/{import_id}/commit", status_code=202, responses=problems(401, 403, 404, 409))
async def commit_import(
    process: Here,
    work: Uow,
    caller: Staff,
    locale: Lang,
    import_id: UUID,
    commit: schemas.Commit = _ALL_OR_NOTHING,
) -> schemas.Import:
    """Write the estate: all rows or none, unless `accept_good_rows`. A job does it; asking again changes nothing."""
    held = await service.ask_to_commit(
        process, work, caller, import_id, accept_good_rows=commit.accept_good_rows
    )
    return _shown(held, locale)


def _shown(held: Import, locale: Locale) -> schemas.Import:
    refusal = None
    if held.code is not None:
        refusal = schemas.ImportRefusal(
            code=held.code, detail=say(locale, f"import.{held.code}", **held.params)
        )
    return schemas.Import(
        id=held.id,
        state=held.state,
        file_name=held.file_name,
        region=held.region,
        project=held.project,
        project_id=held.project_id,
        progress=held.progress,
        sums=schemas.ImportSums(**held.sums),
        refusal=refusal,
        rows=f"/v1/imports/{held.id}/rows",
        created_at=held.created_at,
        committed_at=held.committed_at,
    )


def _row(row: Any, locale: Locale) -> schemas.ImportRow:
    message = (
        say(locale, f"import.{row.code}", **{"column": row.column or "", **row.params}) if row.code else None
    )
    return schemas.ImportRow(
        row=row.row,
        state=row.state,
        column=row.column,
        code=row.code,
        message=message,
        notes=row.notes,
        effect=row.effect,
    )
