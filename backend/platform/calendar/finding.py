"""Looking a node's calendar up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from backend.core.errors import Invalid
from backend.db.work import Work
from backend.platform.calendar import repository
from backend.platform.calendar.days import Calendar, Override
from backend.platform.calendar.hours import unpack
from backend.platform.calendar.models import CalendarHours, CalendarMove, CalendarVersion


async def calendar_of(work: Work, node_id: UUID) -> Calendar:
    """The calendar of a node: the nearest hours on its path, and of each overridden day the nearest override.

    Where nobody has set hours the week is the placeholder, and `hours_set` is False (CT general rule 4).
    """
    [found] = await repository.found_at(work, [node_id])
    return _calendar(found)


async def calendars_of(work: Work, node_ids: Collection[UUID]) -> dict[UUID, Calendar]:
    """`calendar_of` for many nodes in one look."""
    found = await repository.found_at(work, sorted(set(node_ids))) if node_ids else ()
    return {row["node_id"]: _calendar(row) for row in found}


def _calendar(found: asyncpg.Record) -> Calendar:
    overrides = {
        date.fromisoformat(day): Override(unpack([shifts])[0], name)
        for day, shifts, name in found["overrides"] or ()
    }
    hours, version = found["hours"], found["version"]
    if hours is None:
        return Calendar(overrides=overrides, version=version)
    return Calendar(
        zone=zone_named(hours["time_zone"]),
        week=unpack(hours["week"]),
        observes_holidays=hours["observes_holidays"],
        overrides=overrides,
        hours_set=True,
        version=version,
    )


async def version_of(work: Work, node_id: UUID) -> int:
    """The newest version that touches a node's calendar; 0 when none does."""
    return await repository.number_at(work, await repository.path_of(work, node_id))


@lru_cache(maxsize=100)
def zone_named(name: str) -> ZoneInfo:
    """The time zone of an IANA name, when its clocks are never changed: a promise must not depend on that.

    Raises:
        Invalid: `time_zone_unknown`, `time_zone_shifts`.
    """
    try:
        zone = ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Invalid("time_zone_unknown", field="time_zone") from None
    months = (datetime(year, month, 1, tzinfo=zone) for year in range(2004, 2038) for month in range(1, 13))
    if len({month.utcoffset() for month in months}) > 1:
        raise Invalid("time_zone_shifts", field="time_zone")
    return zone


async def hours_at(work: Work, node_id: UUID) -> CalendarHours | None:
    """The hours a node goes by: its own or the nearest above it; None when nobody has set any."""
    return await repository.nearest_hours(work, await repository.path_of(work, node_id))


@dataclass(frozen=True, slots=True)
class Publication:
    """A version, how many running clocks it would move, and a page of them."""

    version: CalendarVersion
    moved_count: int
    moved: Sequence[CalendarMove]


async def publication(work: Work, number: int, after: UUID | None, limit: int) -> Publication | None:
    """A version by its number, with `limit` of the clocks it would move, those after `after`."""
    found = await repository.version(work, number)
    if found is None:
        return None
    moved = await repository.moves(work, number, after, limit)
    return Publication(found, await repository.count_moves(work, number), moved)
