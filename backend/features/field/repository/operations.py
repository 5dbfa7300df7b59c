"""Operations that phones handed in, in SQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.field.models import SyncOperation

# `was`: they had it before it was given on. The row stays locked until the operation is decided.
_TICKET = text(
    "SELECT t.id, t.version, t.state, t.thread_id, t.opened_at, t.engineer_id,"
    " coalesce(t.engineer_id = :account_id, false) AS theirs,"
    " EXISTS (SELECT FROM succession s WHERE s.ticket_id = t.id AND s.from_id = :account_id) AS was"
    " FROM ticket t WHERE t.id = :id FOR NO KEY UPDATE OF t"
)
_STANDS = text("SELECT t.version, t.state FROM ticket t WHERE t.id = :id")
_EARLIER = text(
    "SELECT o.digest, o.outcome, o.code, o.params, o.at, o.version, o.seq FROM sync_operation o"
    " WHERE o.account_id = :account_id AND o.device = :device AND o.id = :id"
)
_TURNS = text("SELECT version FROM ticket_turn WHERE ticket_id = :id AND version > :base_version")
_OWN = text(
    "SELECT o.from_version, o.version FROM sync_operation o WHERE o.ticket_id = :id AND o.version > :base_version"
    " AND o.account_id = :account_id AND o.device = :device"
)


async def lock_ticket(work: Work, ticket_id: UUID, account_id: UUID) -> Any | None:
    """A ticket as it stands, locked; and whether the account is its engineer, or was."""
    return (await work.execute(_TICKET, {"id": ticket_id, "account_id": account_id})).one_or_none()


async def stands(work: Work, ticket_id: UUID) -> Any:
    """A ticket's version and state now."""
    return (await work.execute(_STANDS, {"id": ticket_id})).one()


async def earlier(work: Work, account_id: UUID, device: str, id_: UUID) -> Sequence[Any]:
    """What has come under this id of this device."""
    return (await work.execute(_EARLIER, {"account_id": account_id, "device": device, "id": id_})).all()


async def turns(work: Work, ticket_id: UUID, base_version: int) -> list[int]:
    """With which later versions the ticket came into another state."""
    return list(await work.scalars(_TURNS, {"id": ticket_id, "base_version": base_version}))


async def own(
    work: Work, ticket_id: UUID, base_version: int, account_id: UUID, device: str
) -> list[tuple[int, int]]:
    """From and to which later versions this device's operations have brought the ticket."""
    rows = await work.execute(
        _OWN,
        {"id": ticket_id, "base_version": base_version, "account_id": account_id, "device": device},
    )
    return [(row.from_version, row.version) for row in rows]


async def add(work: Work, operation: SyncOperation) -> None:
    """What became of an operation."""
    work.add(operation)
    await work.flush()
