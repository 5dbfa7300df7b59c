"""Sessions in SQL. The lookup by token stands on every request's path, so it is a plain asyncpg read."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import select, update

from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.people.models import Session

# For all who ask at once.
_BY_DIGEST = """
SELECT asked.place, s.id, s.account_id, a.kind, s.last_seen_at, s.expires_at
FROM unnest($1::bytea[]) WITH ORDINALITY AS asked (digest, place)
JOIN session s ON s.token_digest = asked.digest JOIN account a ON a.id = s.account_id
WHERE s.revoked_at IS NULL AND a.disabled_at IS NULL
"""


_BY_ID = """
SELECT s.id, s.account_id, a.kind, s.expires_at
FROM session s JOIN account a ON a.id = s.account_id
WHERE s.id = $1 AND s.revoked_at IS NULL AND a.disabled_at IS NULL
"""


async def session_by_id(direct: Direct, session_id: UUID) -> asyncpg.Record | None:
    """A live session: id, account_id, kind, expires_at."""
    return await direct.row(_BY_ID, session_id)


async def session_by_digest(direct: Direct, digest: bytes) -> asyncpg.Record | None:
    """The live session of a token's digest: id, account_id, kind, last_seen_at, expires_at."""
    rows = await direct.gathered(_BY_DIGEST, (digest,), ())
    return rows[0] if rows else None


_LIVING = """
SELECT s.id FROM session s JOIN account a ON a.id = s.account_id
WHERE s.id = ANY ($1) AND s.revoked_at IS NULL AND s.expires_at > $2 AND a.disabled_at IS NULL
"""


async def living(direct: Direct, session_ids: Collection[UUID], now: datetime) -> set[UUID]:
    """Which of these sessions still open doors."""
    return {row["id"] for row in await direct.fetch(_LIVING, list(session_ids), now)}


async def touch_session(work: Work, session_id: UUID, now: datetime, expires_at: datetime) -> None:
    """Note that the session was used. An older note never overwrites a newer one."""
    await work.execute(
        update(Session)
        .where(Session.id == session_id, Session.last_seen_at < now)
        .values(last_seen_at=now, expires_at=expires_at)
    )


async def live_sessions(work: Work, account_id: UUID, now: datetime) -> Sequence[Session]:
    """The account's sessions that still open doors, newest first."""
    return (
        await work.scalars(
            select(Session)
            .where(Session.account_id == account_id, Session.revoked_at.is_(None), Session.expires_at > now)
            .order_by(Session.id.desc())
        )
    ).all()


async def revoke(work: Work, account_id: UUID, now: datetime, session_id: UUID) -> Sequence[UUID]:
    """End one session of the account. Returns whether it was live until now: it, or nothing."""
    ended = (
        update(Session)
        .where(Session.account_id == account_id, Session.revoked_at.is_(None), Session.expires_at > now)
        .where(Session.id == session_id)
        .values(revoked_at=now)
        .returning(Session.id)
    )
    return (await work.scalars(ended)).all()


async def revoke_all(
    work: Work, account_id: UUID, now: datetime, *, but: UUID | None = None
) -> Sequence[UUID]:
    """End every session of the account, or all but one. Returns which were live until now.

    Those that had run out are ended, too: what hangs on a session, such as a device that is pushed to, ends with it.
    """
    ended = (
        update(Session)
        .where(Session.account_id == account_id, Session.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(Session.id, Session.expires_at)
    )
    if but is not None:
        ended = ended.where(Session.id != but)
    return [row.id for row in await work.execute(ended) if row.expires_at > now]
