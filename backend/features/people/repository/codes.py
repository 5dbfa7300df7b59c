"""One-time codes in SQL."""

from datetime import datetime

from sqlalchemy import func, select, text, update

from backend.db.work import Work
from backend.features.people.models import OneTimeCode

_COUNT_TRY = text(
    "UPDATE one_time_code SET tries = tries + 1 WHERE id = ("
    " SELECT id FROM one_time_code WHERE phone = :phone ORDER BY created_at DESC, id DESC LIMIT 1"
    ") AND used_at IS NULL AND tries < :tries AND expires_at > :now RETURNING id, digest"
)


async def count_try(work: Work, phone: str, now: datetime, tries: int) -> OneTimeCode | None:
    """Count one try against the newest code of `phone`; None when that code takes no more tries.

    The update locks the row, so however many tries arrive at once, each is counted and no sixth passes.
    """
    row = (await work.execute(_COUNT_TRY, {"phone": phone, "now": now, "tries": tries})).one_or_none()
    return None if row is None else OneTimeCode(id=row.id, digest=row.digest)


async def use_up(work: Work, code: OneTimeCode, now: datetime) -> bool:
    """Use the code; False when another request has used it meanwhile."""
    used = await work.scalar(
        update(OneTimeCode)
        .where(OneTimeCode.id == code.id, OneTimeCode.used_at.is_(None))
        .values(used_at=now)
        .returning(OneTimeCode.id)
    )
    return used is not None


async def lock_count(work: Work, what: str) -> None:
    """Let nobody else count `what` until this transaction ends: of many at once each then sees those before it."""
    await work.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what})


async def codes_since(
    work: Work, since: datetime, *, phone: str | None = None, address: str | None = None
) -> int:
    """How many codes were asked for since then, for a phone or from an address."""
    count = select(func.count()).select_from(OneTimeCode).where(OneTimeCode.created_at > since)
    if phone is not None:
        count = count.where(OneTimeCode.phone == phone)
    if address is not None:
        count = count.where(OneTimeCode.address == address)
    return await work.scalar(count) or 0


async def tries_since(work: Work, since: datetime, address: str) -> int:
    """How often codes asked for from `address` were tried since then."""
    return (
        await work.scalar(
            select(func.coalesce(func.sum(OneTimeCode.tries), 0)).where(
                OneTimeCode.address == address, OneTimeCode.created_at > since
            )
        )
        or 0
    )


async def forget_codes(work: Work) -> None:
    """Forget codes older than two days: by then they count towards no limit."""
    await work.execute(text("DELETE FROM one_time_code WHERE created_at < app_now() - interval '2 days'"))
