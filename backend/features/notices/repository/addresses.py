"""E-mail addresses in SQL: which one is somebody's, and the codes that prove it."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL

from backend.db.work import Work
from backend.features.notices.models import EmailCheck

# Of many at once each then sees those before it.
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('email:' || :account_id, 0))")
_ASKED: Final = text(
    "SELECT count(*) AS count, max(created_at) AS last FROM email_check"
    " WHERE account_id = :account_id AND created_at > app_now() - :lately"
).bindparams(bindparam("lately", type_=INTERVAL))
# Only the newest counts: whoever asks for another address has given the one before up.
_TRY: Final = text(
    "UPDATE email_check SET tries = tries + 1 WHERE id = ("
    " SELECT id FROM email_check WHERE account_id = :account_id ORDER BY id DESC LIMIT 1"
    ") AND used_at IS NULL AND tries < :most AND expires_at > :now RETURNING id, email, digest"
)
_USE: Final = text("UPDATE email_check SET used_at = :now WHERE id = :id AND used_at IS NULL RETURNING id")
_SET: Final = text(
    "INSERT INTO notice_settings (account_id, email) VALUES (:account_id, :email)"
    " ON CONFLICT (account_id) DO UPDATE SET email = excluded.email"
)
_GIVE_UP: Final = text(
    "WITH over AS (UPDATE email_check SET used_at = :now WHERE account_id = :account_id AND used_at IS NULL)"
    " UPDATE notice_settings SET email = NULL WHERE account_id = :account_id"
)
_FORGET: Final = text("DELETE FROM email_check WHERE created_at < app_now() - :lately").bindparams(
    bindparam("lately", type_=INTERVAL)
)


async def asked_lately(work: Work, account_id: UUID, lately: timedelta) -> Any:
    """How many codes the account has asked for lately (`count`) and when the `last`; others of it wait meanwhile."""
    await work.execute(_ONE_AT_A_TIME, {"account_id": str(account_id)})
    return (await work.execute(_ASKED, {"account_id": account_id, "lately": lately})).one()


async def ask(work: Work, check: EmailCheck) -> None:
    """Write down that a code is on its way."""
    work.add(check)
    await work.flush()


async def count_try(work: Work, account_id: UUID, now: datetime, most: int) -> Any | None:
    """Count a try at the newest code: its id, email, digest. None when it takes no more."""
    return (await work.execute(_TRY, {"account_id": account_id, "now": now, "most": most})).one_or_none()


async def use(work: Work, check_id: UUID, account_id: UUID, email: str, now: datetime) -> bool:
    """The address is the account's from now on. False: another request has used the code meanwhile."""
    if await work.scalar(_USE, {"id": check_id, "now": now}) is None:
        return False
    await work.execute(_SET, {"account_id": account_id, "email": email})
    return True


async def give_up(work: Work, account_id: UUID, now: datetime) -> None:
    """The account has no address, and no code proves one any more."""
    await work.execute(_GIVE_UP, {"account_id": account_id, "now": now})


async def forget(work: Work, lately: timedelta) -> None:
    """Forget codes that no count needs any more."""
    await work.execute(_FORGET, {"lately": lately})
