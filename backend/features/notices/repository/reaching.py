"""By which channels people can be reached at all: a device that is alive, a phone number, a proved e-mail address."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL

from backend.db.work import Work
from backend.features.notices.rules import STALE_AFTER

_REACHED: Final = text(
    "SELECT a.id, a.phone IS NOT NULL AS sms, s.email IS NOT NULL AS email, EXISTS (SELECT FROM device d"
    " WHERE d.account_id = a.id AND d.retired_at IS NULL AND d.seen_at > app_now() - :stale) AS push"
    " FROM account a LEFT JOIN notice_settings s ON s.account_id = a.id WHERE a.id = ANY (:ids)"
).bindparams(bindparam("stale", type_=INTERVAL))


async def reached(work: Work, account_ids: Collection[UUID]) -> list[Row[Any]]:
    """Each account with `push`, `sms` and `email`: whether there is an address."""
    return list(await work.execute(_REACHED, {"ids": list(account_ids), "stale": STALE_AFTER}))
