"""The hotline's report, as JSON, CSV and a workbook."""

from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Query, Response

from backend.features.hotline import reporting, service
from backend.features.hotline import schemas_reports as schemas
from backend.platform.http.caller import Staff
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router
from backend.platform.sheets import as_csv, as_xlsx

reports = router(tag="cases")

_Day = Annotated[date, Query(ge=date(1990, 1, 1), le=date(2100, 1, 1))]
_CSV: Final = "text/csv; charset=utf-8"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@reports.get(
    "/reports/hotline",
    response_model=schemas.HotlineReport,
    responses=problems(401, 403, 404) | {200: {"content": {"text/csv": {}, _XLSX: {}}}},
)
async def read_hotline_report(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    from_: Annotated[_Day, Query(alias="from")],
    to: _Day,
    node: Annotated[
        UUID | None, Query(description="Only at and below this node; left out: all I oversee.")
    ] = None,
    format_: Annotated[
        Literal["json", "csv", "xlsx"], Query(alias="format", description="As tables to be downloaded.")
    ] = "json",
) -> schemas.HotlineReport | Response:
    """Cases received from one day to another: rates, "accepted only" beside them, by class, category, clock and hour.

    The rates are those of complaints. A case counts on the day it was received, as it stands now.
    """
    found = await service.report(work, caller, process.clock.now(), from_, to, node)
    answer = reporting.shown(found, lang)
    if format_ == "json":
        return answer
    tables = reporting.tables(answer, lang)
    content, kind = (as_csv(tables), _CSV) if format_ == "csv" else (as_xlsx(tables), _XLSX)
    name = f'attachment; filename="hotline-{from_}-{to}.{format_}"'
    return Response(content, media_type=kind, headers={"content-disposition": name})
