"""What a return visit found, brought to the hotline."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from backend.core.wire import Asked
from backend.features.hotline import schemas, service, telling
from backend.features.hotline.rules.words import Category, Kind, Severity
from backend.platform.http.caller import Staff
from backend.platform.http.etags import version_tag
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router
from backend.platform.threads import Sight

findings = router(tag="cases")


class FindingBrought(Asked):
    """What a finding is, as a case; its words and place are the visit's. The category is the desk's to say."""

    kind: Kind = "complaint"
    category: Category | None = None
    severity: Severity | None = None


@findings.post(
    "/visits/{visit_id}/findings/{number}/case", status_code=201, responses=problems(401, 403, 404, 409)
)
async def open_case_of_finding(
    request: Request,
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    visit_id: UUID,
    number: Annotated[int, Path(ge=1, le=2**31 - 1)],
    asked: FindingBrought,
    response: Response,
) -> schemas.Case:
    """Have what a visit found go on as a case: linked with the visit, with its clocks, and whose it is."""
    now = process.clock.now()
    sights: Mapping[str, Sight] = request.app.state.sights
    id_ = await service.case_of_finding(
        process,
        work,
        sights,
        caller,
        now,
        visit_id,
        number,
        kind=asked.kind,
        category=asked.category,
        severity=asked.severity,
    )
    found = await service.find_case(work, caller, now, id_)
    response.headers["etag"] = version_tag(found.row.version)
    return telling.case(found, caller, lang)
