"""Homes in SQL, and finding one among a million of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.estate.finding import Search

_LISTED = (
    "h.id, h.building, h.unit, h.room, h.layout, h.area, h.fitout, h.sort_key, o.id AS ownership_id,"
    " o.subscribed_on, o.signed_on, o.delivery_due_on, o.delivered_on, o.keys_on, o.moved_in_on, o.ended_on"
)
_WITH_CURRENT = "LEFT JOIN ownership o ON o.home_id = h.id AND o.ended_on IS NULL"

# A plan made for no word in particular reads the whole list for a rare one.
_PLAN_FOR_THESE_WORDS = text("SET LOCAL plan_cache_mode = force_custom_plan")
_ONE = text(
    f"SELECT {_LISTED}, h.project_id, p.name AS project, o.contract_no FROM home h"
    f" JOIN node b ON b.id = h.building_id JOIN project p ON p.node_id = h.project_id {_WITH_CURRENT}"
    " WHERE h.id = :id AND b.path && :scope"
)
_LIVED_IN_BELOW = text(
    "SELECT EXISTS (SELECT 1 FROM household_member m JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL"
    " JOIN home h ON h.id = o.home_id JOIN node b ON b.id = h.building_id"
    " WHERE m.account_id = :account_id AND m.ended_at IS NULL AND b.path && :scope)"
)


async def home_seen(work: Work, scope: Sequence[UUID], home_id: UUID) -> Any | None:
    """A home in `scope` with its current ownership's dates."""
    return (await work.execute(_ONE, {"id": home_id, "scope": list(scope)})).one_or_none()


async def lives_below(work: Work, scope: Sequence[UUID], account_id: UUID) -> bool:
    """Whether the account belongs to the household of a home in `scope` now."""
    return bool(await work.scalar(_LIVED_IN_BELOW, {"account_id": account_id, "scope": list(scope)}))


async def homes_found(
    work: Work,
    project_id: UUID,
    search: Search | None,
    *,
    buildings: list[UUID] | None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """A page of the project's homes in natural order, in these buildings only when they are given.

    A search by place and one by words go their own ways, each along its own index, and meet afterwards.
    """
    values: dict[str, Any] = {"project_id": project_id, "limit": limit}
    everywhere = ["project_id = :project_id"]
    if buildings is not None:
        everywhere.append("building_id = ANY (:buildings)")
        values["buildings"] = buildings
    if after is not None:
        everywhere.append("(sort_key, id) > (:after_key, :after_id)")
        values["after_key"], values["after_id"] = after
    ways = [[]] if search is None else [_place(search, values), _words(search, values)]
    picked = " UNION ".join(
        f"(SELECT id, sort_key FROM home WHERE {' AND '.join(everywhere + way)} ORDER BY sort_key, id LIMIT :limit)"
        for way in ways
        if way is not None
    )
    statement = (
        f"SELECT {_LISTED} FROM ({picked}) AS picked JOIN home h ON h.id = picked.id {_WITH_CURRENT}"
        " ORDER BY h.sort_key, h.id LIMIT :limit"
    )
    await work.execute(_PLAN_FOR_THESE_WORDS)
    return (await work.execute(text(statement), values)).all()


def _place(search: Search, values: dict[str, Any]) -> list[str] | None:
    """Conditions for the place that was spelled; None when none was."""
    conditions = []
    for column, value in (("unit_key", search.unit_key), ("room_key", search.room_key)):
        if value is not None:
            conditions.append(f"{column} = :{column}")
            values[column] = value
    if search.sort_range is not None:
        conditions.append("sort_key >= :sort_from AND sort_key < :sort_to")
        values["sort_from"], values["sort_to"] = search.sort_range
    return conditions or None


def _words(search: Search, values: dict[str, Any]) -> list[str] | None:
    conditions = []
    for index, word in enumerate(search.words):
        conditions.append(f"search_words LIKE :word_{index}")
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values[f"word_{index}"] = f"% {escaped}%"
    return conditions or None
