"""Overrides in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from backend.db.work import Work
from backend.features.roster.models import RosterOverride

_OVERRIDE = """
SELECT o.id, o.position_id, p.role, p.account_id, a.name, n.id AS node_id, n.name AS node_name,
    o.kind, o.starts_at, o.ends_at, o.reason, o.entered_by, e.name AS entered_by_name, o.entered_at,
    o.ended_at, o.ended_by, o.stand_in_id, s.account_id AS stand_in_account, b.name AS stand_in_name
FROM roster_override o JOIN position p ON p.id = o.position_id JOIN node n ON n.id = p.node_id
JOIN account a ON a.id = p.account_id JOIN account e ON e.id = o.entered_by
LEFT JOIN position s ON s.id = o.stand_in_id LEFT JOIN account b ON b.id = s.account_id
WHERE n.path && CAST(:scope AS uuid[])
"""


_PAGE = text(
    f"{_OVERRIDE} AND (CAST(:node AS uuid) IS NULL OR n.path @> ARRAY[CAST(:node AS uuid)])"
    " AND (CAST(:role AS text) IS NULL OR p.role = :role)"
    " AND (CAST(:position AS uuid) IS NULL OR o.position_id = :position)"
    " AND (CAST(:after_at AS timestamptz) IS NULL OR (o.starts_at, o.id) < (:after_at, CAST(:after_id AS uuid)))"
    " ORDER BY o.starts_at DESC, o.id DESC LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which overrides are wanted: at and below a node, of a role, of a position; None: all."""

    node: UUID | None = None
    role: str | None = None
    position: UUID | None = None


async def overrides_page(
    work: Work, scope: Sequence[UUID], wanted: Filter, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Row[Any]]:
    """Overrides of positions in the scope, the last to start first."""
    after_at, after_id = after or (None, None)
    values = {"scope": list(scope), "after_at": after_at, "after_id": after_id, "limit": limit}
    found = await work.execute(
        _PAGE, values | {"node": wanted.node, "role": wanted.role, "position": wanted.position}
    )
    return found.all()


async def override_shown(work: Work, override_id: UUID, scope: Sequence[UUID]) -> Row[Any] | None:
    """One override of a position in the scope."""
    found = await work.execute(
        text(f"{_OVERRIDE} AND o.id = :override"), {"scope": list(scope), "override": override_id}
    )
    return found.one_or_none()


async def override_locked(work: Work, override_id: UUID) -> RosterOverride:
    """One override, as it is while nobody else can end it."""
    return await work.get_one(RosterOverride, override_id, with_for_update=True, populate_existing=True)


async def stands_in_between(work: Work, position_id: UUID, since: datetime, until: datetime | None) -> bool:
    """Whether a position is named to stand in for another at some moment of that time."""
    found: bool | None = await work.scalar(
        text(
            "SELECT EXISTS (SELECT FROM roster_override o WHERE o.stand_in_id = :position"
            " AND (o.ended_at IS NULL OR o.ended_at > o.starts_at)"
            " AND tstzrange(o.starts_at, LEAST(o.ends_at, o.ended_at)) && tstzrange(:since, :until))"
        ),
        {"position": position_id, "since": since, "until": until},
    )
    return bool(found)
