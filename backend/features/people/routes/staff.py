"""Employees, for administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from backend.core.errors import Invalid
from backend.core.paging import decode_cursor
from backend.core.wire import Line, Page
from backend.features.people import models, schemas
from backend.features.people.service import staff as verbs
from backend.features.people.service.positions import scope_of
from backend.platform.http.caller import Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

staff = router(tag="staff")


@staff.get("/staff", responses=problems(401, 403))
async def list_staff(
    process: Here,
    work: Uow,
    caller: Staff,
    q: Annotated[Line | None, Query(description="Part of a name or employee number.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.StaffMember]:
    """Employees I may manage, by employee number: those whose positions all lie in my scope."""
    after = decode_cursor(cursor, tuple[str, UUID])
    found = await verbs.staff_page(work, caller, process.clock.now(), words=q, after=after, limit=limit + 1)
    return page_of(
        found, limit, show=_member, key=lambda account: ((account.employee_no or "").upper(), account.id)
    )


@staff.post("/staff", status_code=201, responses=problems(401, 403, 409))
async def add_staff(
    asked: schemas.StaffAdded, process: Here, work: Uow, caller: Staff
) -> schemas.StaffMember:
    """Add an employee. They can sign in at once, and see nothing until they are given a position."""
    await scope_of(work, caller, "manage_staff", process.clock.now())
    return _member(
        await verbs.add_staff(
            work,
            employee_no=asked.employee_no,
            name=asked.name,
            password=asked.password.get_secret_value(),
            phone=asked.phone,
        )
    )


@staff.get("/staff/{account_id}", responses=problems(401, 403, 404))
async def read_staff(account_id: UUID, process: Here, work: Uow, caller: Staff) -> schemas.StaffMember:
    """One employee I may manage."""
    return _member(await verbs.find_staff(work, caller, process.clock.now(), account_id))


@staff.patch("/staff/{account_id}", responses=problems(401, 403, 404, 409))
async def edit_staff(
    account_id: UUID, asked: schemas.StaffEdited, process: Here, work: Uow, caller: Staff
) -> schemas.StaffMember:
    """Rename, disable or enable an employee, change their phone, or give them a new password.

    With a new password their authenticator is off.

    Disabling and a new password sign them out everywhere.
    """
    if not asked.model_fields_set:
        raise Invalid("nothing_to_change")
    account = await verbs.find_staff(work, caller, process.clock.now(), account_id, lock=True)
    if "phone" in asked.model_fields_set:
        verbs.change_phone(account, asked.phone)
    return _member(
        await verbs.edit_staff(
            process,
            work,
            account,
            name=asked.name,
            disabled=asked.disabled,
            password=asked.password.get_secret_value() if asked.password else None,
        )
    )


def _member(account: models.Account) -> schemas.StaffMember:
    return schemas.StaffMember(
        id=account.id,
        employee_no=account.employee_no or "",
        name=account.name,
        phone=account.phone,
        disabled=account.disabled_at is not None,
    )
