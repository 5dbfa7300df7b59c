"""The faces of employees."""

from uuid import UUID

from backend.features.files import schemas, service
from backend.features.people.service.staff import find_staff
from backend.platform.http.caller import Staff
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

faces = router(tag="staff")


@faces.put("/me/photo", status_code=204, responses=problems(401, 403, 404, 409))
async def set_my_photo(process: Here, work: Uow, caller: Staff, asked: schemas.Face) -> None:
    """Show this photo, which I have uploaded, to the owners whose repairs I have; null: none."""
    await service.set_face(process, work, caller, caller.account_id, asked.photo)


@faces.put("/staff/{account_id}/photo", status_code=204, responses=problems(401, 403, 404, 409))
async def set_photo_of_staff(
    process: Here, work: Uow, caller: Staff, account_id: UUID, asked: schemas.Face
) -> None:
    """The same for an employee I may manage, with a photo that I have uploaded."""
    account = await find_staff(work, caller, process.clock.now(), account_id, lock=True)
    await service.set_face(process, work, caller, account.id, asked.photo)
