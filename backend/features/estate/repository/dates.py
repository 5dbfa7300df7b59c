"""The dates of ownerships and projects, for whoever follows them, and one date of many homes written at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.estate.rules import DATES, HANDED_OVER

_COLUMNS = ", ".join(f"o.{name}" for name in DATES)
_FIRST = ", ".join(
    f"(array_agg(c.{name} ORDER BY c.current_from, c.id) FILTER (WHERE c.{name} IS NOT NULL))[1] AS first_{name}"
    for name in HANDED_OVER
)
_OF_OWNERSHIPS = text(
    f"SELECT o.id, o.project_id, h.building_id, o.ended_on, {_COLUMNS}, first.* FROM ownership o"
    f" JOIN home h ON h.id = o.home_id CROSS JOIN LATERAL (SELECT {_FIRST} FROM ownership c"
    " WHERE c.home_id = h.id) AS first WHERE o.id = ANY (CAST(:ids AS uuid[])) ORDER BY o.id"
)
# What nobody has set follows from the ownerships there are and have been. How long a mass move-in lasts does not: until
# somebody says so it is over on the day it begins, and nothing is owed daily.
_OF_PROJECT = text(
    "SELECT p.sales_open_on, o.first_signed_on,"
    " coalesce(p.first_delivery_on, o.first_delivery_on) AS first_delivery_on,"
    " coalesce(p.mass_move_in_on, p.first_delivery_on, o.first_delivery_on) AS mass_move_in_on,"
    " coalesce(p.mass_move_in_ends_on, p.mass_move_in_on, p.first_delivery_on, o.first_delivery_on)"
    " AS mass_move_in_ends_on, o.delivered_on"
    " FROM project p CROSS JOIN LATERAL (SELECT min(signed_on) AS first_signed_on,"
    " min(coalesce(delivered_on, delivery_due_on)) AS first_delivery_on, min(delivered_on) AS delivered_on"
    " FROM ownership WHERE project_id = p.node_id) o WHERE p.node_id = :id"
)
_CURRENT_IDS = text("SELECT id FROM ownership WHERE project_id = :id AND ended_on IS NULL ORDER BY id")
_CURRENT = (
    "FROM ownership o JOIN home h ON h.id = o.home_id WHERE o.project_id = :project_id AND o.ended_on IS NULL"
    " AND (CAST(:building_id AS uuid) IS NULL OR h.building_id = :building_id)"
)
_SET = {
    name: text(
        f"UPDATE ownership SET {name} = new.day, version = version + 1"
        " FROM unnest(CAST(:ids AS uuid[]), CAST(:days AS date[])) AS new (id, day) WHERE ownership.id = new.id"
    )
    for name in DATES
}


async def dates_of(work: Work, ownership_ids: Sequence[UUID]) -> Sequence[Any]:
    """The dates of these ownerships, with where their homes are, in the order of ids."""
    return (await work.execute(_OF_OWNERSHIPS, {"ids": list(ownership_ids)})).all()


async def current_of(work: Work, project_id: UUID) -> list[UUID]:
    """The ids of a project's current ownerships, in order."""
    return list(await work.scalars(_CURRENT_IDS, {"id": project_id}))


async def project_dates(work: Work, project_id: UUID) -> Mapping[str, date | None]:
    """The dates of a project by name."""
    return dict((await work.execute(_OF_PROJECT, {"id": project_id})).mappings().one())


async def count_dated(work: Work, project_id: UUID, building_id: UUID | None, name: str) -> int:
    """How many current ownerships of a project, or of one building, have this date."""
    statement = text(f"SELECT count(*) {_CURRENT} AND o.{name} IS NOT NULL")
    return int(
        (await work.execute(statement, {"project_id": project_id, "building_id": building_id})).scalar_one()
    )


async def dated(
    work: Work, project_id: UUID, building_id: UUID | None, name: str, after: UUID | None, limit: int
) -> Sequence[Any]:
    """The next of them in the order of ids, with their dates, locked until the transaction ends."""
    statement = text(
        f"SELECT o.id, h.building, h.unit, h.room, {_COLUMNS} {_CURRENT} AND o.{name} IS NOT NULL"
        " AND (CAST(:after AS uuid) IS NULL OR o.id > :after) ORDER BY o.id LIMIT :limit FOR UPDATE OF o"
    )
    values = {"project_id": project_id, "building_id": building_id, "after": after, "limit": limit}
    return (await work.execute(statement, values)).all()


async def set_date(work: Work, name: str, days: Mapping[UUID, date]) -> None:
    """Write this date of ownerships, by id."""
    await work.execute(_SET[name], {"ids": list(days), "days": list(days.values())})
