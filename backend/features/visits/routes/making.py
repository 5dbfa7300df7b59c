"""Making a visit: tries, absences, what was found, and the visit as it was made."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import Request, Response

from backend.features.visits import schemas, service
from backend.features.visits.routes.visits import told
from backend.features.visits.rules.answers import Checked, Done, Given, Said, Scored
from backend.platform.http.caller import SignedIn, Staff
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router
from backend.platform.threads import Sight

making = router(tag="visits")


@making.post("/visits/{visit_id}/attempts", status_code=201, responses=problems(401, 403, 404, 409))
async def try_visit(
    request: Request,
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    visit_id: UUID,
    asked: schemas.VisitTried,
    response: Response,
) -> schemas.Visit:
    """Record a try at reaching whom the visit is for, whether anybody was reached or not. Its clock goes on."""
    visiteds: service.Visiteds = request.app.state.visited
    tried = service.Tried(**asked.model_dump())
    now = process.clock.now()
    await service.try_to_reach(process, work, caller, now, visit_id, tried, visiteds)
    return await told(process, work, caller, lang, visit_id, response)


@making.post("/visits/{visit_id}/no-show", responses=problems(401, 403, 404, 409))
async def miss_visit(
    request: Request,
    process: Here,
    work: Uow,
    caller: SignedIn,
    lang: Lang,
    visit_id: UUID,
    asked: schemas.VisitMissed,
    response: Response,
) -> schemas.Visit:
    """Say that somebody was not there at the booked time: it stands on record, and the visit is still owed."""
    visiteds: service.Visiteds = request.app.state.visited
    now = process.clock.now()
    await service.come_to_nothing(
        process, work, caller, now, visit_id, asked.absent, asked.words, asked.base_version, visiteds
    )
    return await told(process, work, caller, lang, visit_id, response)


@making.post("/visits/{visit_id}/findings", status_code=201, responses=problems(401, 403, 404, 409))
async def add_visit_finding(
    request: Request,
    process: Here,
    work: Uow,
    caller: Staff,
    visit_id: UUID,
    asked: schemas.VisitFound,
) -> schemas.VisitFindingTold:
    """Note what was found. A defect is a ticket at once, linked; a complaint becomes a case by the hotline (S6-21)."""
    sights: Mapping[str, Sight] = request.app.state.sights
    found = service.Found(**asked.model_dump())
    now = process.clock.now()
    made = await service.find(process, work, sights, caller, now, visit_id, found)
    return schemas.VisitFindingTold.model_validate(made)


@making.post("/visits/{visit_id}/complete", responses=problems(401, 403, 404, 409))
async def complete_visit(
    request: Request,
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    visit_id: UUID,
    asked: schemas.VisitMade,
    response: Response,
) -> schemas.Visit:
    """The visit is made. Its answers are kept for the assessment; the promise, ticket or case goes on by them.

    What is missing of the script or the checklist is named, line by line; nobody who handled the matter can (CT-30).
    """
    visiteds: service.Visiteds = request.app.state.visited
    made = service.Made(
        mode=asked.mode,
        summary=asked.summary,
        given=Given(
            answers=[Said(**one.model_dump()) for one in asked.answers],
            checks=[Checked(**one.model_dump()) for one in asked.checks],
            done=[Done(**one.model_dump()) for one in asked.done],
            scored=[Scored(**one.model_dump()) for one in asked.scored],
        ),
        accepted=asked.accepted,
        stars=asked.stars,
        opinion=asked.opinion,
        photos=list(dict.fromkeys(asked.photos)),
        at=asked.at,
        late_reason=asked.late_reason,
    )
    now = process.clock.now()
    await service.complete(process, work, caller, now, visit_id, made, asked.base_version, visiteds)
    return await told(process, work, caller, lang, visit_id, response)
