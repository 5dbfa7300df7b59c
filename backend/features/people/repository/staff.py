"""Staff credentials and sign-in attempts in SQL."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update

from backend.db.work import Work
from backend.features.people.models import Account, RecoveryCode, SignInAttempt, StaffCredential
from backend.features.people.rules import Failures

_FAILURES = text(
    """
    WITH recent AS (
        SELECT address, at, succeeded FROM sign_in_attempt
        WHERE employee_no = :employee_no AND at > :since AND id <> :self
    ), here AS (
        SELECT * FROM recent WHERE address = :address
        AND at > coalesce((SELECT max(at) FROM recent WHERE address = :address AND succeeded), '-infinity')
    )
    SELECT
        (SELECT count(*) FROM here WHERE NOT succeeded) AS here,
        (SELECT max(at) FROM here WHERE NOT succeeded) AS last_here,
        (SELECT count(*) FROM recent WHERE NOT succeeded) AS anywhere,
        (SELECT max(at) FROM recent WHERE NOT succeeded) AS last_anywhere,
        EXISTS (
            SELECT FROM sign_in_attempt
            WHERE employee_no = :employee_no AND address = :address AND succeeded AND at > :known_since
        ) AS known_address
    """
)


async def write_attempt(work: Work, employee_no: str, address: str, now: datetime) -> int:
    """Write a sign-in as failed, before it is looked at. Returns its id."""
    attempt: int | None = await work.scalar(
        insert(SignInAttempt)
        .values(employee_no=employee_no, address=address, succeeded=False, at=now)
        .returning(SignInAttempt.id)
    )
    assert attempt is not None
    return attempt


async def failures(
    work: Work, employee_no: str, address: str, *, besides: int, now: datetime, window: timedelta
) -> Failures:
    """What stands against a sign-in, besides itself."""
    row = (
        await work.execute(
            _FAILURES,
            {
                "employee_no": employee_no,
                "address": address,
                "self": besides,
                "since": now - window,
                "known_since": now - timedelta(days=30),
            },
        )
    ).one()
    return Failures(row.here, row.last_here, row.anywhere, row.last_anywhere, row.known_address)


async def withdraw_attempt(work: Work, attempt: int) -> None:
    """Take an attempt back: it was refused unseen, or needs a second factor."""
    await work.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt))


async def attempt_succeeded(work: Work, attempt: int) -> None:
    """The sign-in went well."""
    await work.execute(update(SignInAttempt).where(SignInAttempt.id == attempt).values(succeeded=True))


async def forget_attempts(work: Work) -> None:
    """Forget attempts older than thirty days."""
    await work.execute(text("DELETE FROM sign_in_attempt WHERE at < app_now() - interval '30 days'"))


async def credential(work: Work, account_id: UUID, *, lock: bool = False) -> StaffCredential | None:
    """How an employee signs in; locked, so that a code cannot be used twice at once."""
    wanted = select(StaffCredential).where(StaffCredential.account_id == account_id)
    if lock:
        # What another request has changed while we waited for the lock must be seen, though we have read it before.
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return (await work.scalars(wanted)).one_or_none()


async def use_recovery_code(work: Work, account_id: UUID, digest: bytes, now: datetime) -> bool:
    """Use a recovery code; False when there is no such unused one."""
    used = await work.scalar(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.digest == digest,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.digest)
    )
    return used is not None


async def replace_recovery_codes(work: Work, account_id: UUID, digests: list[bytes]) -> None:
    """These are the recovery codes now, and no others."""
    await work.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    if digests:
        await work.execute(insert(RecoveryCode), [{"account_id": account_id, "digest": d} for d in digests])


async def staff_page(
    work: Work, *, scope: list[UUID], words: str | None, after: tuple[str, UUID] | None, limit: int
) -> list[Account]:
    """Employees whose current positions all lie in the scope (or who have none), by employee number."""
    conditions = ["a.kind = 'staff'", _WITHIN]
    if words:
        conditions.append("(a.name ILIKE :words OR a.employee_no ILIKE :words)")
    if after:
        conditions.append("(upper(a.employee_no), a.id) > (:after_no, :after_id)")
    sql = (
        f"SELECT a.* FROM account a WHERE {' AND '.join(conditions)}"
        " ORDER BY upper(a.employee_no), a.id LIMIT :limit"
    )
    escaped = (words or "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {
        "scope": scope,
        "words": f"%{escaped}%",
        "after_no": after[0] if after else "",
        "after_id": after[1] if after else None,
        "limit": limit,
    }
    statement = select(Account).from_statement(text(sql))
    return list((await work.scalars(statement, values)).all())


# Whoever manages a region must not disable, or reset the password of, somebody who stands above it.
_WITHIN = (
    "NOT EXISTS (SELECT FROM position p JOIN node n ON n.id = p.node_id WHERE p.account_id = a.id"
    " AND (p.until IS NULL OR p.until > (app_now() AT TIME ZONE 'Asia/Shanghai')::date)"
    " AND NOT n.path && CAST(:scope AS uuid[]))"
)


async def staff_within(work: Work, account_id: UUID, scope: list[UUID], *, lock: bool) -> Account | None:
    """The employee, when all their current positions lie in the scope; locked, when they are to be changed."""
    locking = " FOR UPDATE OF a" if lock else ""
    statement = select(Account).from_statement(
        text(f"SELECT a.* FROM account a WHERE a.id = :id AND a.kind = 'staff' AND {_WITHIN}{locking}")
    )
    return (await work.scalars(statement, {"id": account_id, "scope": scope})).one_or_none()
