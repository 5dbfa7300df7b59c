"""The ledger of homes in SQL: reading it, and bringing it up to date many homes at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.statement import Statement
from backend.db.work import Work

TERM: Final = {
    "name": "text",
    "rank": "integer",
    "starts_from": "text",
    "starts_on": "date",
    "base_years": "integer",
    "extension_years": "integer",
    "statutory_years": "integer",
    "base_ends_on": "date",
    "extension_ends_on": "date",
    "statutory_ends_on": "date",
    "ends_on": "date",
}
"""What a row says of its component, with the types of PostgreSQL."""

_ROW: Final = {
    "id": "uuid",
    "home_id": "uuid",
    "project_id": "uuid",
    "standard_version_id": "uuid",
    "component": "text",
} | TERM

_TOLD = ", ".join(TERM)
_ITEM = Statement(
    f"SELECT component, {_TOLD} FROM warranty_item WHERE home_id = :home_id AND component = :component"
)
_HOMES = text("SELECT DISTINCT home_id FROM ownership WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY home_id")
# Whoever follows the same home waits here, and then reads what the other has written.
_LOCK = text("SELECT id FROM home WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR NO KEY UPDATE")
# A day that was once reached stays the home's: the first contract that has it, in the order of its contracts (CT-41).
_FIRST = ", ".join(
    f"(array_agg(o.{name} ORDER BY o.current_from, o.id) FILTER (WHERE o.{name} IS NOT NULL))[1] AS {name}"
    for name in ("delivered_on", "keys_on", "moved_in_on")
)
_DATED = text(
    f"""
SELECT h.id, h.project_id, h.building_id, {_FIRST},
    (array_agg(o.id) FILTER (WHERE o.ended_on IS NULL AND j.id IS NOT NULL))[1] AS ownership_id,
    (array_agg(j.standard_version_id ORDER BY o.current_from, o.id)
        FILTER (WHERE j.id IS NOT NULL))[1] AS first_version_id,
    (SELECT i.standard_version_id FROM warranty_item i WHERE i.home_id = h.id LIMIT 1) AS kept_version_id
FROM home h JOIN ownership o ON o.home_id = h.id LEFT JOIN journey j ON j.ownership_id = o.id
WHERE h.id = ANY (CAST(:ids AS uuid[])) GROUP BY h.id ORDER BY h.id"""
)
_NEW = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _ROW.items())
_NAMES = ", ".join(_ROW)
_SETS = ", ".join(f"{name} = excluded.{name}" for name in TERM)
_OLD_TERM = ", ".join(f"warranty_item.{name}" for name in TERM)
_NEW_TERM = ", ".join(f"excluded.{name}" for name in TERM)
_WRITE = text(
    f"INSERT INTO warranty_item ({_NAMES}) SELECT {_NAMES} FROM unnest({_NEW}) AS new ({_NAMES})"
    f" ON CONFLICT (home_id, component) DO UPDATE SET {_SETS}"
    f" WHERE ({_OLD_TERM}) IS DISTINCT FROM ({_NEW_TERM})"
)
# What only the law knew, and no longer asks for.
_FORGET = text(
    "DELETE FROM warranty_item i WHERE i.home_id = ANY (CAST(:homes AS uuid[])) AND NOT EXISTS ("
    "SELECT FROM unnest(CAST(:home_ids AS uuid[]), CAST(:components AS text[])) AS kept (home_id, component)"
    " WHERE kept.home_id = i.home_id AND kept.component = i.component)"
)
_HOMES_BELOW = text(
    "SELECT h.id FROM home h JOIN node n ON n.id = h.building_id WHERE n.path && CAST(:nodes AS uuid[])"
    " AND EXISTS (SELECT FROM ownership o WHERE o.home_id = h.id) ORDER BY h.id"
)


async def item(work: Work, home_id: UUID, component: str) -> Any | None:
    """One component of a home."""
    rows = await work.rows(_ITEM, {"home_id": home_id, "component": component})
    return rows[0] if rows else None


async def homes_of(work: Work, ownership_ids: Sequence[UUID]) -> list[UUID]:
    """The homes of these ownerships."""
    return list(await work.scalars(_HOMES, {"ids": list(ownership_ids)}))


async def homes_below(work: Work, node_id: UUID) -> list[UUID]:
    """Every home at or below a node that has or had an owner."""
    return list(await work.scalars(_HOMES_BELOW, {"nodes": [node_id]}))


async def lock_homes(work: Work, home_ids: Sequence[UUID]) -> Sequence[Any]:
    """These homes, locked: their first dates, the version their terms are frozen by, whom there is something to tell.

    `ownership_id` is the current one once it has its journey: what is told stands on that journey's thread.
    """
    await work.execute(_LOCK, {"ids": list(home_ids)})
    return (await work.execute(_DATED, {"ids": list(home_ids)})).all()


async def write(work: Work, home_ids: Sequence[UUID], rows: Sequence[Mapping[str, Any]]) -> None:
    """Have the ledger of these homes say this and nothing else; what is as it was is not touched."""
    kept = {"home_ids": [row["home_id"] for row in rows], "components": [row["component"] for row in rows]}
    await work.execute(_FORGET, {"homes": list(home_ids)} | kept)
    if rows:
        await work.execute(_WRITE, {name: [row[name] for row in rows] for name in _ROW})
