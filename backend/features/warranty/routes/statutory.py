"""What the law asks for at least."""

from uuid import UUID

from backend.features.warranty import schemas, service
from backend.platform.http.caller import Staff
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

statutory = router(tag="warranty")


@statutory.get("/projects/{project_id}/statutory-terms", responses=problems(401, 403, 404, 409))
async def read_statutory_terms(
    process: Here, work: Uow, caller: Staff, project_id: UUID
) -> schemas.StatutoryTerms:
    """The law's least terms that stand at a project, against those of the standard it goes by; and what is missing."""
    found, unchecked = await service.statutory_terms(work, caller, process.clock.now(), project_id)
    return schemas.StatutoryTerms(
        project_id=project_id, items=[_shown(one) for one in found], unchecked=unchecked
    )


@statutory.post("/statutory-terms", status_code=201, responses=problems(401, 403, 404, 409))
async def enter_statutory_term(
    process: Here, work: Uow, caller: Staff, asked: schemas.StatutoryTermEntered
) -> schemas.StatutoryTerm:
    """Enter what the law asks for at a place, with its source. Nothing entered is ever overwritten; the latest stands.

    Where it is longer than what the catalogue promises, every home there is covered for as long as the law says.
    """
    entered = service.Entered(asked.node, asked.component, asked.name, asked.years, asked.source)
    found = await service.enter_statutory_term(work, process.waker, caller, process.clock.now(), entered)
    return _shown(found)


def _shown(one: service.Checked) -> schemas.StatutoryTerm:
    row = one.row
    return schemas.StatutoryTerm(
        component=row.component,
        name=row.name,
        years=row.years,
        source=row.source,
        node=row.node_id,
        node_name=row.node_name,
        entered_by=row.entered_by,
        entered_at=row.created_at,
        in_catalogue=one.in_catalogue,
        catalogue_years=one.catalogue_years,
        below_the_law=one.below_the_law,
    )
