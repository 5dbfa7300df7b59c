"""Accounts in SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.people.models import Account


async def account(work: Work, account_id: UUID, *, lock: bool = False) -> Account | None:
    """The account; `lock` when it is about to be changed."""
    return await work.get(Account, account_id, with_for_update=lock)


async def owner_by_phone(work: Work, phone: str) -> Account | None:
    """The owner account of a phone (E.164), unless it is disabled."""
    return (
        await work.scalars(
            select(Account).where(
                Account.kind == "owner", Account.phone == phone, Account.disabled_at.is_(None)
            )
        )
    ).one_or_none()


async def staff_by_number(work: Work, employee_no: str) -> Account | None:
    """The employee of a number, in any case of letters."""
    return (
        await work.scalars(select(Account).where(func.upper(Account.employee_no) == employee_no.upper()))
    ).one_or_none()


async def owner_for_phone(work: Work, phone: str) -> Account:
    """The owner account of a phone, made when there is none yet; two at once make one."""
    await work.execute(
        insert(Account)
        .values(id=new_id(), kind="owner", phone=phone, locale="zh-CN")
        # As text: with 'owner' as a bound value PostgreSQL no longer finds the index once it plans generically.
        .on_conflict_do_nothing(index_elements=["phone"], index_where=text("kind = 'owner'"))
    )
    return (await work.scalars(select(Account).where(Account.kind == "owner", Account.phone == phone))).one()


async def identities_not_under(work: Work, key_id: str, limit: int) -> Sequence[Account]:
    """Accounts whose identity number is sealed by another key than this one, locked."""
    head = bytes([len(key_id)]) + key_id.encode()
    return (
        await work.scalars(
            select(Account)
            .where(
                Account.identity_sealed.is_not(None),
                func.substring(Account.identity_sealed, 1, len(head)) != head,
            )
            .order_by(Account.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    ).all()
