"""Employees: adding them, keeping them in order."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.people.models import Account, StaffCredential
from backend.features.people.repository import accounts, positions, staff
from backend.features.people.service.codes import checked_phone
from backend.features.people.service.passwords import check_strength, hash_password
from backend.features.people.service.positions import scope_of
from backend.features.people.service.sessions import sign_out_everywhere
from backend.platform.process import Process


async def add_staff(work: Work, *, employee_no: str, name: str, password: str, phone: str | None) -> Account:
    """A new employee, without a position yet.

    Raises:
        Invalid: `password_weak`, `phone_invalid`.
        Conflict: `employee_no_taken`.
    """
    check_strength(password, employee_no)
    password_hash = await hash_password(password)
    return await add_hashed(
        work, employee_no=employee_no, name=name, password_hash=password_hash, phone=phone
    )


async def add_hashed(
    work: Work, *, employee_no: str, name: str, password_hash: str, phone: str | None
) -> Account:
    """The same where the password is known by its hash only.

    Raises:
        Invalid: `phone_invalid`.
        Conflict: `employee_no_taken`.
    """
    account = Account(
        id=new_id(),
        kind="staff",
        employee_no=employee_no,
        name=name,
        phone=checked_phone(phone) if phone else None,
    )
    work.add(account)
    try:
        await work.flush()
    except IntegrityError as error:
        if "uq_account_employee_no" in str(error.orig):
            raise Conflict("employee_no_taken", field="employee_no") from None
        raise
    work.add(StaffCredential(account_id=account.id, password_hash=password_hash))
    await work.flush()
    return account


async def staff_page(
    work: Work,
    caller: Caller,
    now: datetime,
    *,
    words: str | None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[Account]:
    """Employees the caller may manage, by employee number."""
    scope = await scope_of(work, caller, "manage_staff", now)
    return await staff.staff_page(work, scope=scope, words=words, after=after, limit=limit)


async def find_staff(
    work: Work, caller: Caller, now: datetime, account_id: UUID, *, lock: bool = False
) -> Account:
    """One employee the caller may manage; `lock` when they are about to be changed.

    Raises:
        NotFound: there is none.
    """
    scope = await scope_of(work, caller, "manage_staff", now)
    account = await staff.staff_within(work, account_id, scope, lock=lock)
    if account is None:
        raise NotFound()
    return account


async def edit_staff(
    process: Process,
    work: Work,
    account: Account,
    *,
    name: str | None,
    disabled: bool | None,
    password: str | None,
) -> Account:
    """Rename, disable or enable an employee, or give them a new password and take their authenticator away.

    Disabling and a new password end every session at once.

    Raises:
        Conflict: `last_administrator`.
        Invalid: `password_weak`.
    """
    now = process.clock.now()
    if name is not None:
        account.name = name
    if disabled is not None and disabled != (account.disabled_at is not None):
        if disabled and await _is_last_administrator(work, account.id, now):
            raise Conflict("last_administrator")
        account.disabled_at = now if disabled else None
    if password is not None:
        check_strength(password, account.employee_no or "")
        credential = await staff.credential(work, account.id, lock=True)
        assert credential is not None
        credential.password_hash = await hash_password(password)
        credential.totp_sealed = credential.totp_confirmed_at = credential.totp_step = None
        await staff.replace_recovery_codes(work, account.id, [])
    await work.flush()
    if disabled or password is not None:
        await sign_out_everywhere(process, work, account.id)
    return account


def change_phone(account: Account, phone: str | None) -> None:
    """Give an employee another phone, or none.

    Raises:
        Invalid: `phone_invalid`.
    """
    account.phone = checked_phone(phone) if phone else None


async def _is_last_administrator(work: Work, account_id: UUID, now: datetime) -> bool:
    today = local_date(now)
    held = await positions.held_by(work, account_id, today)
    administers = any(p.role == "administrator" and n.kind == "company" for p, n in held)
    return administers and await positions.other_company_administrators(work, account_id, today) == 0


async def staff_by_number(work: Work, employee_no: str) -> Account | None:
    """The employee of a number."""
    return await accounts.staff_by_number(work, employee_no)
