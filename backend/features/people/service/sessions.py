"""A person's sign-ins, device by device."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import NotFound
from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.people.models import Session
from backend.features.people.repository import sessions
from backend.features.people.service.authentication import signal_revoked
from backend.platform.process import Process


async def caller_of_session(direct: Direct, session_id: UUID, now: datetime) -> Caller | None:
    """Who a session belongs to, for what was signed for it; None when it has ended. It is no use of the session."""
    row = await sessions.session_by_id(direct, session_id)
    if row is None or row["expires_at"] <= now:
        return None
    return Caller(account_id=row["account_id"], session_id=row["id"], kind=row["kind"])


async def my_sessions(process: Process, work: Work, caller: Caller) -> Sequence[Session]:
    """Where the caller is signed in, newest first."""
    return await sessions.live_sessions(work, caller.account_id, process.clock.now())


async def living_sessions(process: Process, session_ids: Collection[UUID]) -> set[UUID]:
    """Which of these sessions have not ended. One statement for thousands.

    Raises:
        Unavailable: the database is away.
    """
    return await sessions.living(process.direct, session_ids, process.clock.now())


async def sign_out(process: Process, work: Work, caller: Caller, session_id: UUID) -> None:
    """End one of the caller's sessions, on every node, at once.

    Raises:
        NotFound: it is not the caller's, or has ended.
    """
    ended = await sessions.revoke(work, caller.account_id, process.clock.now(), session_id)
    if not ended:
        raise NotFound()
    await signal_revoked(work, process.signals, ended)


async def sign_out_everywhere(process: Process, work: Work, account_id: UUID) -> None:
    """End every session of an account, this one too."""
    await signal_revoked(
        work, process.signals, await sessions.revoke_all(work, account_id, process.clock.now())
    )
