"""Invitations into a home, as the invited see them. The household's own side is people's (`features/people`)."""

from backend.features.estate import schemas, service
from backend.platform.http.caller import Owner
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

invitations = router(tag="household")


@invitations.get("/me/invitations", responses=problems(401, 403))
async def list_my_invitations(process: Here, work: Uow, caller: Owner) -> schemas.MyInvitations:
    """Homes I am invited into and have not answered yet, newest first."""
    found = await service.invitations_of(work, caller, process.clock.now())
    return schemas.MyInvitations(items=[schemas.MyInvitation.model_validate(one) for one in found])
