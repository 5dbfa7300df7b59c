"""What became of posts with those they are for, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

Standing = Literal["read", "unread", "confirmed", "unconfirmed"]

_MARK = text(
    "INSERT INTO post_receipt (post_id, account_id, ownership_id, read_at, confirmed_at)"
    " VALUES (:post_id, :account_id, :ownership_id, :now, CASE WHEN :confirmed THEN CAST(:now AS timestamptz) END)"
    " ON CONFLICT (post_id, account_id) DO UPDATE SET read_at = coalesce(post_receipt.read_at, excluded.read_at),"
    " confirmed_at = coalesce(post_receipt.confirmed_at, excluded.confirmed_at)"
)
_OF = text(
    "SELECT post_id, read_at, confirmed_at FROM post_receipt WHERE account_id = :account_id AND post_id = ANY (:ids)"
)
_COUNTS = text(
    "SELECT post_id, count(told_at) AS told, count(read_at) AS read, count(confirmed_at) AS confirmed"
    " FROM post_receipt WHERE post_id = ANY (:ids) GROUP BY post_id"
)
_ARE = {
    "read": " AND r.read_at IS NOT NULL",
    "unread": " AND r.read_at IS NULL",
    "confirmed": " AND r.confirmed_at IS NOT NULL",
    "unconfirmed": " AND r.confirmed_at IS NULL",
}
_LIST = """SELECT r.account_id, r.ownership_id, r.told_at, r.read_at, r.confirmed_at, a.name, a.phone,
    h.building, h.unit, h.room
    FROM post_receipt r JOIN account a ON a.id = r.account_id
    JOIN ownership o ON o.id = r.ownership_id JOIN home h ON h.id = o.home_id
    WHERE r.post_id = :post_id"""


async def mark(
    work: Work, post_id: UUID, account_id: UUID, ownership_id: UUID, now: datetime, *, confirmed: bool
) -> None:
    """Write that somebody has read a post, and perhaps confirmed it. The first time of each stays."""
    await work.execute(
        _MARK,
        {
            "post_id": post_id,
            "account_id": account_id,
            "ownership_id": ownership_id,
            "now": now,
            "confirmed": confirmed,
        },
    )


async def of_account(work: Work, account_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """What this account has read and confirmed of these posts."""
    return {row.post_id: row for row in await work.execute(_OF, {"account_id": account_id, "ids": list(ids)})}


async def counts(work: Work, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """How many were told, have read and have confirmed these posts."""
    return {row.post_id: row for row in await work.execute(_COUNTS, {"ids": list(ids)})}


async def page(
    work: Work, post_id: UUID, standing: Standing | None, after: UUID | None, limit: int
) -> Sequence[Any]:
    """Those a post is for, in clear: mask before staff see them."""
    values: dict[str, Any] = {"post_id": post_id, "limit": limit}
    conditions = _ARE[standing] if standing is not None else ""
    if after is not None:
        conditions += " AND r.account_id > :after"
        values["after"] = after
    return (await work.execute(text(f"{_LIST}{conditions} ORDER BY r.account_id LIMIT :limit"), values)).all()
