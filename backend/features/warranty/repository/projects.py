"""The ledger of a whole project in SQL (WR-16), in the order in which its terms end; what has no end stands last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.warranty.repository.ledger import TERM
from backend.features.warranty.rules import State

_COLUMNS = ", ".join(f"i.{name}" for name in TERM)
_SET = "(i.base_years IS NOT NULL OR i.statutory_years IS NOT NULL)"
# As `rules.state_on` has it.
_STATES: Final[Mapping[State, str]] = {
    "not_set": f"NOT {_SET}",
    "not_started": f"{_SET} AND (i.ends_on IS NULL OR i.starts_on > :today)",
    "covered": f"{_SET} AND i.starts_on <= :today AND i.ends_on >= :today",
    "not_covered": f"{_SET} AND i.ends_on < :today",
}
_AFTER: Final = {
    "first": "",
    "dated": "AND ((i.ends_on, i.id) > (CAST(:ends_on AS date), CAST(:id AS uuid)) OR i.ends_on IS NULL)",
    "open": "AND i.ends_on IS NULL AND i.id > CAST(:id AS uuid)",
}


@dataclass(frozen=True, slots=True)
class Which:
    """What of the ledger is asked for; None: whatever it is. Both days leave out what has no end."""

    component: str | None = None
    building_id: UUID | None = None
    state: State | None = None
    ends_from: date | None = None
    ends_before: date | None = None


async def page(
    work: Work,
    project_id: UUID,
    scope: Sequence[UUID],
    which: Which,
    today: date,
    after: tuple[date | None, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """A page of what lies at or below a node of the scope, by the day it ends."""
    wanted = {
        "i.component = :component": which.component,
        "h.building_id = :building_id": which.building_id,
        "i.ends_on >= :ends_from": which.ends_from,
        "i.ends_on < :ends_before": which.ends_before,
    }
    asked = [condition for condition, value in wanted.items() if value is not None]
    if which.state is not None:
        asked.append(_STATES[which.state])
    place = "first" if after is None else "open" if after[0] is None else "dated"
    sql = f"""
SELECT i.id, i.home_id, i.component, i.standard_version_id, {_COLUMNS}, h.building, h.unit, h.room,
    (SELECT o.id FROM ownership o WHERE o.home_id = i.home_id AND o.ended_on IS NULL) AS ownership_id
FROM warranty_item i JOIN home h ON h.id = i.home_id JOIN node n ON n.id = h.building_id
WHERE i.project_id = :project_id AND n.path && CAST(:scope AS uuid[])
    {"".join(f"AND {condition} " for condition in asked)} {_AFTER[place]}
ORDER BY i.ends_on, i.id LIMIT :limit"""
    values: dict[str, Any] = {"project_id": project_id, "scope": list(scope), "limit": limit}
    values |= {name: getattr(which, name) for name in Which.__slots__ if f":{name}" in sql}
    if which.state is not None and which.state != "not_set":
        values["today"] = today
    if after is not None:
        values |= {"id": after[1]} | ({"ends_on": after[0]} if after[0] is not None else {})
    return (await work.execute(text(sql), values)).all()
