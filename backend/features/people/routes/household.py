"""Family and tenants."""

from uuid import UUID

from backend.features.people import models, schemas
from backend.features.people.service import households
from backend.platform.http.caller import Owner
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

household = router(tag="household")


@household.get("/ownerships/{ownership_id}/household", responses=problems(401, 403, 404))
async def list_household(ownership_id: UUID, work: Uow, caller: Owner) -> schemas.Household:
    """Everybody of the home: its owners, family and tenants."""
    members = await households.household(work, caller, ownership_id)
    return schemas.Household(items=[schemas.HouseholdMember.model_validate(member) for member in members])


@household.delete(
    "/ownerships/{ownership_id}/household/{member_id}",
    status_code=204,
    responses=problems(401, 403, 404, 409),
)
async def remove_household_member(
    ownership_id: UUID, member_id: UUID, process: Here, work: Uow, caller: Owner
) -> None:
    """Remove a family member or tenant, or leave a household; they lose sight of the home at once."""
    await households.remove(work, process.signals, caller, ownership_id, member_id, process.clock.now())


@household.get("/ownerships/{ownership_id}/invitations", responses=problems(401, 403, 404))
async def list_invitations(
    ownership_id: UUID, process: Here, work: Uow, caller: Owner
) -> schemas.Invitations:
    """Whom the household has invited and who has not answered yet."""
    found = await households.open_invitations(work, caller, ownership_id, process.clock.now())
    return schemas.Invitations(items=[_invitation(invitation) for invitation in found])


@household.post(
    "/ownerships/{ownership_id}/invitations", status_code=201, responses=problems(401, 403, 404, 409)
)
async def invite_to_household(
    ownership_id: UUID, asked: schemas.InvitationAsked, process: Here, work: Uow, caller: Owner
) -> schemas.Invitation:
    """Invite a family member or tenant by phone. They accept after signing in with that phone."""
    return _invitation(
        await households.invite(
            work,
            process.waker,
            caller,
            ownership_id,
            phone=asked.phone,
            role=asked.role,
            now=process.clock.now(),
        )
    )


@household.delete("/invitations/{invitation_id}", status_code=204, responses=problems(401, 403, 404, 409))
async def withdraw_invitation(invitation_id: UUID, process: Here, work: Uow, caller: Owner) -> None:
    """Take an invitation back."""
    await households.withdraw(work, caller, invitation_id, process.clock.now())


@household.post(
    "/invitations/{invitation_id}/acceptance", status_code=201, responses=problems(401, 403, 404, 409)
)
async def accept_invitation(invitation_id: UUID, process: Here, work: Uow, caller: Owner) -> schemas.Joined:
    """Accept an invitation to my phone."""
    ownership = await households.answer(work, caller, invitation_id, accepted=True, now=process.clock.now())
    return schemas.Joined(ownership=ownership)


@household.post(
    "/invitations/{invitation_id}/refusal", status_code=204, responses=problems(401, 403, 404, 409)
)
async def decline_invitation(invitation_id: UUID, process: Here, work: Uow, caller: Owner) -> None:
    """Decline an invitation to my phone."""
    await households.answer(work, caller, invitation_id, accepted=False, now=process.clock.now())


def _invitation(invitation: models.Invitation) -> schemas.Invitation:
    return schemas.Invitation.model_validate(invitation)
