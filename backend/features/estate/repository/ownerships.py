"""Ownerships and their audit trail in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select, text

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.models import Home, Ownership, OwnershipChange, Project

_IN_SCOPE = text(
    "SELECT true FROM ownership o JOIN home h ON h.id = o.home_id JOIN node b ON b.id = h.building_id"
    " WHERE o.id = :id AND b.path && :scope"
)


async def is_in_scope(work: Work, scope: Sequence[UUID], ownership_id: UUID) -> bool:
    """Whether the ownership's home lies in `scope`."""
    return bool(await work.scalar(_IN_SCOPE, {"id": ownership_id, "scope": list(scope)}))


async def ownership(work: Work, ownership_id: UUID, *, lock: bool = False) -> tuple[Ownership, Home]:
    """The ownership, which exists, and its home."""
    query = (
        select(Ownership, Home).join(Home, Home.id == Ownership.home_id).where(Ownership.id == ownership_id)
    )
    if lock:
        query = query.with_for_update(of=Ownership)
    row = (await work.execute(query)).one()
    return row[0], row[1]


async def ownerships_of(work: Work, home_id: UUID) -> Sequence[Ownership]:
    """Every ownership the home has had, the newest first."""
    return (
        await work.scalars(
            select(Ownership)
            .where(Ownership.home_id == home_id)
            .order_by(Ownership.current_from.desc(), Ownership.id.desc())
        )
    ).all()


def add_change(
    work: Work,
    ownership_id: UUID,
    act: Literal["created", "edited", "ended"],
    *,
    actor_id: UUID,
    before: dict[str, Any],
    after: dict[str, Any],
    reason: str | None,
    now: datetime,
) -> None:
    """Write one line of the audit trail with the change it records."""
    work.add(
        OwnershipChange(
            id=new_id(),
            ownership_id=ownership_id,
            actor_id=actor_id,
            act=act,
            before=before,
            after=after,
            reason=reason,
            at=now,
        )
    )


async def changes(
    work: Work, ownership_id: UUID, before: UUID | None, limit: int
) -> Sequence[OwnershipChange]:
    """A page of the audit trail, the newest first."""
    query = select(OwnershipChange).where(OwnershipChange.ownership_id == ownership_id)
    if before is not None:
        query = query.where(OwnershipChange.id < before)
    return (await work.scalars(query.order_by(OwnershipChange.id.desc()).limit(limit))).all()


async def places_of(work: Work, ownership_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Where these ownerships' homes are, each in one line."""
    rows = await work.execute(
        select(Ownership.id, Project.name, Home.building, Home.unit, Home.room)
        .join(Home, Home.id == Ownership.home_id)
        .join(Project, Project.node_id == Ownership.project_id)
        .where(Ownership.id.in_(ownership_ids))
    )
    return {
        row.id: " ".join(part for part in (row.name, row.building, row.unit, row.room) if part)
        for row in rows
    }
