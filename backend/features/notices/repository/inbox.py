"""Inboxes in SQL: read a page, mark it read; and what was sent of a notice."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.direct import Direct
from backend.db.work import Work

_SHOWN: Final = (
    "id, kind, data, subject_kind, subject_id, thread_id, created_at, read_at"
    " FROM notice WHERE account_id = :account_id AND superseded_at IS NULL"
)
_PAGE: Final = text(
    f"SELECT {_SHOWN} AND (CAST(:kind AS text) IS NULL OR kind = :kind) AND (NOT :unread OR read_at IS NULL)"
    " AND (CAST(:before AS uuid) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit"
)
_ONE: Final = text(f"SELECT {_SHOWN} AND id = :id")
# Also what another has taken the place of since: a page that is a moment old still shows it.
_THEIRS: Final = text("SELECT EXISTS (SELECT FROM notice WHERE id = :id AND account_id = :account_id)")
_UNREAD: Final = (
    "SELECT count(*) AS unread, max(id::text) AS newest FROM notice"
    " WHERE account_id = $1 AND read_at IS NULL AND superseded_at IS NULL"
)
_UNREAD_OF_MANY: Final = (
    "SELECT account_id, count(*) AS unread, max(id::text)::uuid AS newest FROM notice"
    " WHERE account_id = ANY ($1) AND read_at IS NULL AND superseded_at IS NULL GROUP BY account_id"
)
_READ: Final = text(
    "UPDATE notice SET read_at = app_now() WHERE account_id = :account_id AND id = ANY (:ids) AND read_at IS NULL"
)
_READ_UP_TO: Final = text(
    "UPDATE notice SET read_at = app_now() WHERE account_id = :account_id AND id <= :id AND read_at IS NULL"
)
_OPENED: Final = text(
    "UPDATE delivery SET opened_at = coalesce(opened_at, app_now()) WHERE id = :id AND account_id = :account_id"
    " AND notice_id IS NOT NULL RETURNING notice_id"
)
_LOG: Final = text(
    "SELECT d.id, d.channel, d.address, v.platform, d.state, d.follows, d.not_before, d.expires_at, d.attempts,"
    " d.tried_at, d.provider_id, d.reason, d.said, d.accepted_at, d.opened_at, d.created_at"
    " FROM delivery d LEFT JOIN device v ON v.account_id = d.account_id AND v.id = d.device_id"
    " WHERE d.notice_id = :notice_id ORDER BY d.id"
)
_WHOSE: Final = text(
    "SELECT n.account_id = :caller_id OR EXISTS (SELECT FROM household_member m"
    " JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL"
    " JOIN home h ON h.id = o.home_id JOIN node b ON b.id = h.building_id"
    " WHERE m.account_id = n.account_id AND m.ended_at IS NULL AND b.path && :scope) FROM notice n WHERE n.id = :id"
)


async def page(
    work: Work, account_id: UUID, *, kind: str | None, unread: bool, before: UUID | None, limit: int
) -> Sequence[Any]:
    """A page of somebody's inbox, the newest first."""
    values = {"account_id": account_id, "kind": kind, "unread": unread, "before": before, "limit": limit}
    return (await work.execute(_PAGE, values)).all()


async def one(work: Work, account_id: UUID, notice_id: UUID) -> Any | None:
    """One of somebody's notices."""
    return (await work.execute(_ONE, {"account_id": account_id, "id": notice_id})).one_or_none()


async def is_theirs(work: Work, account_id: UUID, notice_id: UUID) -> bool:
    """Whether they were told this, shown still or not."""
    return bool(await work.scalar(_THEIRS, {"account_id": account_id, "id": notice_id}))


async def unread(direct: Direct, account_id: UUID) -> tuple[int, str | None]:
    """How many notices somebody has not read, and the newest of them."""
    row = await direct.row(_UNREAD, account_id)
    assert row is not None
    return row["unread"], row["newest"]


async def unread_of_many(direct: Direct, accounts: Sequence[UUID]) -> Sequence[tuple[UUID, int, UUID]]:
    """Who of these has how many unread, and the newest of them; nothing of those who have none."""
    rows = await direct.fetch(_UNREAD_OF_MANY, list(accounts))
    return [(row["account_id"], row["unread"], row["newest"]) for row in rows]


async def mark_read(work: Work, account_id: UUID, notice_id: UUID, *, and_before: bool) -> None:
    """They have read this one; with `and_before`, everything up to it."""
    if and_before:
        await work.execute(_READ_UP_TO, {"account_id": account_id, "id": notice_id})
    else:
        await work.execute(_READ, {"account_id": account_id, "ids": [notice_id]})


async def opened(work: Work, account_id: UUID, delivery_id: UUID) -> UUID | None:
    """They have opened it; the notice it was of. None: it is none of theirs."""
    found: UUID | None = await work.scalar(_OPENED, {"id": delivery_id, "account_id": account_id})
    return found


async def seen_by(work: Work, notice_id: UUID, caller_id: UUID, scope: Sequence[UUID]) -> bool:
    """Whether it is the caller's, or told to somebody who lives in `scope`."""
    values = {"id": notice_id, "caller_id": caller_id, "scope": list(scope)}
    return bool(await work.scalar(_WHOSE, values))


async def log_of(work: Work, notice_id: UUID) -> Sequence[Any]:
    """Everything that was sent of a notice, or is to be."""
    return (await work.execute(_LOG, {"notice_id": notice_id})).all()
