"""The estate as an import meets it: what stands where its rows point, and writing many homes at once."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, bindparam, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from backend.db.work import Work
from backend.features.estate.models import Home, Ownership, OwnershipChange, Project
from backend.features.estate.rules import HOME_FACTS, OWNERSHIP_FACTS
from backend.platform.tree import Node

_PLACES = (
    "unnest(CAST(:sort_keys AS text[]), CAST(:buildings AS text[]), CAST(:units AS text[]), CAST(:rooms AS text[]))"
    " WITH ORDINALITY AS k(sort_key, building_key, unit_key, room_key, place)"
    " JOIN home h ON h.project_id = :project_id AND h.room_key = k.room_key AND h.sort_key = k.sort_key"
    " AND h.building_key = k.building_key AND h.unit_key = k.unit_key"
)
_LOCK = text(
    f"SELECT id FROM ownership WHERE ended_on IS NULL AND home_id IN (SELECT h.id FROM {_PLACES})"
    " ORDER BY id FOR UPDATE"
)
_STANDING = text(
    f"SELECT k.place - 1 AS place, h.id AS home_id, h.building_id, {', '.join(f'h.{name}' for name in HOME_FACTS)},"
    f" o.id AS ownership_id, {', '.join(f'o.{name}' for name in OWNERSHIP_FACTS)},"
    " (SELECT max(e.ended_on) FROM ownership e WHERE e.home_id = h.id) AS free_from"
    f" FROM {_PLACES} LEFT JOIN ownership o ON o.home_id = h.id AND o.ended_on IS NULL"
)
_CONTRACTS = text(
    "SELECT contract_no, home_id, ended_on FROM ownership"
    " WHERE project_id = :project_id AND contract_no = ANY (CAST(:numbers AS text[]))"
)
_NAMES = text(
    "SELECT phone, name FROM account WHERE kind = 'owner' AND phone = ANY (CAST(:phones AS text[]))"
)
_PROJECTS = text(
    "SELECT p.id, p.path, p.name, r.name AS region, r.key AS region_key"
    " FROM node p JOIN node r ON r.id = p.parent_id WHERE p.kind = 'project' AND p.key = :key"
)
_SET_HOME = text(f"UPDATE home SET {', '.join(f'{name} = :{name}' for name in HOME_FACTS)} WHERE id = :id")
_SET_OWNERSHIP = text(
    f"UPDATE ownership SET {', '.join(f'{name} = :{name}' for name in OWNERSHIP_FACTS)}, version = version + 1"
    " WHERE id = :id"
)
_FACTS = ("phase", "address", "service_centre", "hotline", "service_hours")
_FILL_PROJECT = text(
    f"UPDATE project SET {', '.join(f'{name} = coalesce({name}, :{name})' for name in _FACTS)}, version = version + 1"
    f" WHERE node_id = :node_id AND ({' OR '.join(f'({name} IS NULL AND :{name} IS NOT NULL)' for name in _FACTS)})"
).bindparams(*(bindparam(name, type_=Project.name.type) for name in _FACTS))


def _all(statement: Insert) -> Insert:
    """Every row by one statement: left to itself the ORM makes one for each pattern of empty columns."""
    return statement.execution_options(render_nulls=True)


async def projects_named(work: Work, key: str) -> Sequence[Any]:
    """Every project node of this key, with its region."""
    return (await work.execute(_PROJECTS, {"key": key})).all()


async def region_path(work: Work, key: str) -> list[UUID] | None:
    """The path of the region of this key."""
    return await work.scalar(select(Node.path).where(Node.kind == "region", Node.key == key))


async def standing(
    work: Work, project_id: UUID, places: Sequence[tuple[str, str, str, str]], *, lock: bool
) -> dict[int, Any]:
    """What stands at (sort key, building key, unit key, room key), by index: the home and its current ownership.

    With `lock` nobody else changes those ownerships until this transaction ends.
    """
    sort_keys, buildings, units, rooms = (list(column) for column in zip(*places, strict=True))
    values = {
        "project_id": project_id, "sort_keys": sort_keys, "buildings": buildings, "units": units, "rooms": rooms,
    }  # fmt: skip
    if lock:
        await work.execute(_LOCK, values)
    return {row.place: row for row in await work.execute(_STANDING, values)}


async def contracts(work: Work, project_id: UUID, numbers: list[str]) -> dict[str, Any]:
    """Who holds these contract numbers: home_id and ended_on, by number."""
    rows = await work.execute(_CONTRACTS, {"project_id": project_id, "numbers": numbers})
    return {row.contract_no: row for row in rows}


async def names_of(work: Work, phones: list[str]) -> dict[str, str | None]:
    """The names of the owner accounts of these phones."""
    return {row.phone: row.name for row in await work.execute(_NAMES, {"phones": phones})}


async def buildings_of(work: Work, project_id: UUID) -> dict[str, UUID]:
    """The project's buildings by key."""
    query = select(Node.key, Node.id).where(Node.parent_id == project_id, Node.kind == "building")
    return {row.key: row.id for row in await work.execute(query)}


async def write_project(work: Work, node: Node, facts: Mapping[str, str | None]) -> None:
    """The project of a node, made when there is none; of an existing one only what is still empty is filled."""
    values = {name: facts.get(name) for name in _FACTS}
    await work.execute(
        upsert(Project)
        .values(node_id=node.id, region_id=node.parent_id, name=node.name, **values)
        .on_conflict_do_nothing()
    )
    await work.execute(_FILL_PROJECT, {"node_id": node.id, **values})


async def service_hours(work: Work, project_id: UUID) -> str | None:
    """A project's service hours, as they are written on record."""
    return await work.scalar(select(Project.service_hours).where(Project.node_id == project_id))


async def add_homes(work: Work, homes: Sequence[Mapping[str, Any]]) -> None:
    """Write new homes."""
    if homes:
        await work.execute(_all(insert(Home)), homes)


async def add_ownerships(work: Work, ownerships: Sequence[Mapping[str, Any]]) -> None:
    """Write new ownerships."""
    if ownerships:
        await work.execute(_all(insert(Ownership)), ownerships)


async def set_homes(work: Work, homes: Sequence[Mapping[str, Any]]) -> None:
    """Write the facts of homes, by `id`."""
    if homes:
        await work.execute(_SET_HOME, homes)


async def set_ownerships(work: Work, ownerships: Sequence[Mapping[str, Any]]) -> None:
    """Write the facts of ownerships, by `id`."""
    if ownerships:
        await work.execute(_SET_OWNERSHIP, ownerships)


async def add_changes(work: Work, changes: Sequence[Mapping[str, Any]]) -> None:
    """Write lines of the audit trail."""
    if changes:
        await work.execute(_all(insert(OwnershipChange)), changes)
