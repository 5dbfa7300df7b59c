"""What people choose, and the devices they use, in SQL."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from backend.core.caller import Caller
from backend.db.work import Work
from backend.features.notices.models import NoticePreference, NoticeSettings

MOST_DEVICES: Final = 20
"""Alive at a time, of one account; one more retires the one that was not used for the longest."""

# Two accounts that bring one token at once come one after the other.
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('device:' || :token, 0))")
_MOVED: Final = text(
    "UPDATE device SET retired_at = app_now(), retired_why = 'moved' WHERE token = :token AND retired_at IS NULL"
    " AND (account_id, id) <> (:account_id, :id)"
)
_KEEP: Final = text(
    "INSERT INTO device (account_id, id, platform, token, app_version, locale, session_id, seen_at)"
    " VALUES (:account_id, :id, :platform, :token, :app_version, :locale, :session_id, app_now())"
    " ON CONFLICT (account_id, id) DO UPDATE SET platform = excluded.platform, token = excluded.token,"
    " app_version = excluded.app_version, locale = excluded.locale, seen_at = excluded.seen_at,"
    " session_id = excluded.session_id,"
    " retired_at = NULL, retired_why = NULL"
)
_TOO_MANY: Final = text(
    "UPDATE device SET retired_at = app_now(), retired_why = 'stale' WHERE account_id = :account_id AND id IN ("
    "SELECT id FROM device WHERE account_id = :account_id AND retired_at IS NULL"
    " ORDER BY seen_at DESC, id DESC OFFSET :most)"
)
_SIGN_OUT: Final = text(
    "UPDATE device SET retired_at = coalesce(retired_at, app_now()), retired_why = coalesce(retired_why, 'signed_out')"
    " WHERE account_id = :account_id AND id = :id RETURNING id"
)
_STALE: Final = text(
    "UPDATE device SET retired_at = app_now(), retired_why = 'stale'"
    " WHERE retired_at IS NULL AND seen_at <= app_now() - interval '60 days'"
)


async def keep_device(
    work: Work, caller: Caller, device_id: UUID, *, platform: str, token: str, app_version: str, locale: str
) -> None:
    """The caller uses this device now, in this session; a token that was somebody else's leaves them."""
    await work.execute(_ONE_AT_A_TIME, {"token": token})
    ours = {"account_id": caller.account_id, "id": device_id, "token": token}
    await work.execute(_MOVED, ours)
    told = {"platform": platform, "app_version": app_version, "locale": locale}
    await work.execute(_KEEP, ours | told | {"session_id": caller.session_id})
    await work.execute(_TOO_MANY, {"account_id": caller.account_id, "most": MOST_DEVICES})


async def sign_device_out(work: Work, account_id: UUID, device_id: UUID) -> bool:
    """It is pushed to no more. False: the account has no such device."""
    values = {"account_id": account_id, "id": device_id}
    return await work.scalar(_SIGN_OUT, values) is not None


async def retire_stale(work: Work) -> None:
    """Devices on which nobody has started the app for sixty days."""
    await work.execute(_STALE)


async def settings_of(work: Work, account_id: UUID) -> NoticeSettings | None:
    """What somebody has chosen for all kinds."""
    return await work.get(NoticeSettings, account_id)


async def switched_off(work: Work, account_id: UUID) -> Sequence[str]:
    """The kinds somebody has switched off."""
    wanted = select(NoticePreference.kind).where(NoticePreference.account_id == account_id)
    return (await work.scalars(wanted.order_by(NoticePreference.kind))).all()


async def choose(work: Work, account_id: UUID, chosen: dict[str, Any], off: Collection[str]) -> None:
    """Put these settings and switched-off kinds in the place of what was chosen before."""
    await work.execute(
        insert(NoticeSettings)
        .values(account_id=account_id, **chosen)
        .on_conflict_do_update(index_elements=["account_id"], set_=chosen)
    )
    await work.execute(
        delete(NoticePreference).where(
            NoticePreference.account_id == account_id, NoticePreference.kind.not_in(list(off))
        )
    )
    for kind in sorted(off):
        await switch_off(work, account_id, kind)


async def switch_off(work: Work, account_id: UUID, kind: str) -> None:
    """Have a kind not ring."""
    await work.execute(
        insert(NoticePreference).values(account_id=account_id, kind=kind).on_conflict_do_nothing()
    )
