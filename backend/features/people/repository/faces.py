"""Who somebody is to those who read what they wrote, in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

# The role held longest of those held today; whether they belong to a household of the reader's, in which the reader's
# role sees the household.
_FACES = text(
    "SELECT a.id, a.kind, a.name, ("
    "SELECT p.role FROM position p WHERE p.account_id = a.id AND p.since <= :today"
    " AND (p.until IS NULL OR p.until > :today) ORDER BY p.since, p.id LIMIT 1) AS role,"
    " a.id = :reader OR EXISTS ("
    "SELECT FROM household_member m JOIN household_member r ON r.ownership_id = m.ownership_id"
    " WHERE m.account_id = a.id AND m.ended_at IS NULL AND r.account_id = :reader AND r.ended_at IS NULL"
    " AND r.role = ANY (:roles)) AS near"
    " FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS asked(id, place) JOIN account a ON a.id = asked.id"
    " ORDER BY asked.place"
)


@dataclass(frozen=True, slots=True)
class Known:
    """An account in clear: mask before it is shown. `near`: it is the reader's own, or of their household."""

    account_id: UUID
    kind: str
    name: str | None
    role: str | None
    near: bool


async def known(
    work: Work, reader_id: UUID, ids: Sequence[UUID], roles: Sequence[str], today: date
) -> Sequence[Known]:
    """These accounts in this order; `roles` are those of a household that see who belongs to it."""
    rows = await work.execute(
        _FACES, {"reader": reader_id, "ids": list(ids), "roles": list(roles), "today": today}
    )
    return [Known(*row) for row in rows]
