"""What opening a ticket asks of the database: the home it is about, who could have it, what looks like it already."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.repairs.repository.seeing import owner_sees
from backend.features.repairs.rules.choosing import Candidate
from backend.features.repairs.rules.states import ENDED

_ABOUT: Final = """
SELECT o.id AS ownership_id, o.project_id, o.home_id, h.building_id, j.standard_version_id,
    a.id AS reporter_id, a.name AS contact_name, a.phone AS contact_phone,
    ARRAY(SELECT m.account_id FROM household_member m WHERE m.ownership_id = o.id AND m.ended_at IS NULL
        AND m.role = ANY (:household)) AS household
FROM ownership o JOIN home h ON h.id = o.home_id LEFT JOIN journey j ON j.ownership_id = o.id
LEFT JOIN household_member r ON r.ownership_id = o.id AND r.account_id = :reporter_id AND r.ended_at IS NULL
LEFT JOIN account a ON a.id = r.account_id
WHERE o.id = :ownership_id AND o.ended_on IS NULL AND """
_OWN_HOME: Final = text(f"{_ABOUT} r.id IS NOT NULL")
_HOME_IN_SCOPE: Final = text(
    f"{_ABOUT} (CAST(:reporter_id AS uuid) IS NULL OR r.id IS NOT NULL)"
    " AND EXISTS (SELECT FROM node n WHERE n.id = h.building_id AND n.path && :scope)"
)

# Every repair engineer on the way up, with what they have in hand; a position nearer is a smaller distance.
_CANDIDATES: Final = text(
    f"""SELECT s.account_id, a.name, array_length(n.path, 1) - array_position(n.path, s.node_id) AS distance, s.trades,
    (SELECT count(*) FROM ticket t WHERE t.engineer_id = s.account_id
        AND t.state NOT IN ({", ".join(f"'{state}'" for state in ENDED)})) AS load
FROM node n JOIN position s ON s.node_id = ANY (n.path) AND s.role = 'repair_engineer'
JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL
WHERE n.id = :node_id AND s.since <= :today AND (s.until IS NULL OR s.until > :today)
ORDER BY s.account_id, distance"""
)
_ALIKE: Final = text(
    f"""SELECT t.id, t.place, t.component, t.description, t.state, t.opened_at FROM ticket t
WHERE t.ownership_id = :ownership_id AND t.opened_at > :since AND t.state <> 'cancelled'
    AND (t.component = :component OR t.place = :place) AND ({owner_sees(":account_id", ":household")} OR :staff)
ORDER BY t.opened_at DESC, t.id DESC LIMIT 20"""
)


async def own_home(work: Work, account_id: UUID, ownership_id: UUID, household: Sequence[str]) -> Any | None:
    """The home of an ownership somebody belongs to, with them as the contact; None: they do not."""
    asked = {"ownership_id": ownership_id, "reporter_id": account_id, "household": list(household)}
    return (await work.execute(_OWN_HOME, asked)).one_or_none()


async def home_in_scope(
    work: Work, ownership_id: UUID, reporter_id: UUID | None, scope: Sequence[UUID], household: Sequence[str]
) -> Any | None:
    """The same for an employee: in their scope; whose matter it is belongs to the household, when somebody is named."""
    asked = {
        "ownership_id": ownership_id, "reporter_id": reporter_id, "scope": list(scope), "household": list(household),
    }  # fmt: skip
    return (await work.execute(_HOME_IN_SCOPE, asked)).one_or_none()


async def candidates(work: Work, node_id: UUID, today: date, on_duty: frozenset[UUID]) -> list[Candidate]:
    """Who repairs at a node or above it today."""
    return [
        Candidate(
            row.account_id, row.name, row.distance, frozenset(row.trades), row.account_id in on_duty, row.load
        )
        for row in await work.execute(_CANDIDATES, {"node_id": node_id, "today": today})
    ]


async def alike(
    work: Work,
    ownership_id: UUID,
    component: str,
    place: str,
    since: datetime,
    account_id: UUID,
    household: Sequence[str],
    *,
    staff: bool,
) -> Sequence[Any]:
    """Tickets of a home that are about the same component or place, opened since a moment."""
    asked = {
        "ownership_id": ownership_id, "component": component, "place": place, "since": since,
        "account_id": account_id, "household": list(household), "staff": staff,
    }  # fmt: skip
    return (await work.execute(_ALIKE, asked)).all()
