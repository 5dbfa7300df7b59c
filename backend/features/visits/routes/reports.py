"""What visits say: figures, and the reports of rounds."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query

from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.visits import schemas, service
from backend.features.visits.rules.kinds import Kind
from backend.platform.http.caller import Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

reports = router(tag="visits")

_Day = Annotated[date, Query(ge=date(1990, 1, 1), le=date(2100, 1, 1))]


@reports.get("/reports/visits", responses=problems(401, 403))
async def read_visit_figures(
    process: Here,
    work: Uow,
    caller: Staff,
    node: UUID,
    from_: Annotated[_Day, Query(alias="from")],
    to: _Day,
    kind: Annotated[Kind | None, Query(description="Only of this kind.")] = None,
) -> schemas.VisitFigures:
    """Visits made from one day to another, both with it, at a node and below: by kind and type, answer and finding."""
    asked = service.Round(node, from_, to, kind)
    found = await service.figures_of(work, caller, process.clock.now(), asked)
    return schemas.VisitFigures(**found)


@reports.post("/visit-reports", status_code=201, responses=problems(401, 403))
async def write_visit_report(
    process: Here, work: Uow, caller: Staff, asked: schemas.ReportAsked
) -> schemas.VisitReport:
    """Write the report of a round of visits: its figures stay as they stand, and the departments named are told."""
    written = service.Written(
        service.Round(asked.node, asked.from_, asked.to, asked.kind),
        asked.words,
        asked.improvements,
        asked.roles,
    )
    made = await service.write_report(work, caller, process.clock.now(), written)
    return schemas.VisitReport.model_validate(made)


@reports.get("/visit-reports", responses=problems(401, 403))
async def list_visit_reports(
    process: Here, work: Uow, caller: Staff, cursor: Cursor = None, limit: Limit = 50
) -> Page[schemas.VisitReport]:
    """Reports of rounds in my scope, the newest first."""
    after = decode_cursor(cursor, tuple[UUID])
    last = after[0] if after is not None else None
    found = await service.reports_page(work, caller, process.clock.now(), last, limit + 1)
    return page_of(found, limit, show=schemas.VisitReport.model_validate, key=lambda one: (one.id,))
