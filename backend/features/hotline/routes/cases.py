"""Cases: taking one in, and reading it."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import Request, Response

from backend.features.hotline import schemas, service, telling
from backend.platform.http.caller import SignedIn
from backend.platform.http.etags import version_tag
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router
from backend.platform.threads import Sight

cases = router(tag="cases")


@cases.post(
    "/cases",
    status_code=201,
    responses=problems(401, 403, 404, 409) | {200: {"description": "You opened it before"}},
)
async def open_case(
    request: Request,
    process: Here,
    work: Uow,
    caller: SignedIn,
    lang: Lang,
    asked: schemas.NewCase,
    response: Response,
) -> schemas.Case:
    """Bring a matter to the company: a complaint, a repair, an enquiry, an order of a service, a suggestion.

    It gets its number and its clocks at once, and the answer says by when what is promised. With a category it is
    dispatched to the position that answers for it; a repair goes on as a ticket. Whom it is about never sees it.
    """
    now = process.clock.now()
    sights: Mapping[str, Sight] = request.app.state.sights
    opened = await service.open_case(process, work, sights, caller, now, _wanted(asked))
    found = await service.find_case(work, caller, now, opened.id)
    response.status_code = 201 if opened.first else 200
    response.headers["etag"] = version_tag(found.row.version)
    alike = await service.alike(work, caller, now, found) if caller.kind == "staff" else ()
    return telling.case(found, caller, lang, alike)


@cases.get("/cases/{case_id}", responses=problems(401, 404))
async def read_case(
    process: Here, work: Uow, caller: SignedIn, lang: Lang, case_id: UUID, response: Response
) -> schemas.Case:
    """One case: what is promised by when and how it stands, whose it is, and what I can do now."""
    now = process.clock.now()
    found = await service.find_case(work, caller, now, case_id)
    response.headers["etag"] = version_tag(found.row.version)
    alike = await service.alike(work, caller, now, found) if caller.kind == "staff" else ()
    return telling.case(found, caller, lang, alike)


def _wanted(asked: schemas.NewCase) -> service.Asked:
    sent = asked.model_dump(exclude_unset=True, exclude_none=True)
    given = frozenset(name for name, value in sent.items() if value not in (False, [], {}))
    contact, repair = sent.pop("contact", {}), sent.pop("repair", None)
    return service.Asked(
        given=given,
        contact=service.Reached(**contact),
        repair=None if repair is None else service.Repair(**repair),
        **sent,
    )
