"""Looking a node's calendar up."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.core.errors import Invalid
from backend.db.work import Work
from backend.platform.calendar import repository
from backend.platform.calendar.days import Calendar, Override
from backend.platform.calendar.hours import unpack


async def calendar_of(work: Work, node_id: UUID) -> Calendar:
    """The calendar of a node: the nearest hours on its path, and of each overridden day the nearest override.

    Where nobody has set hours the week is the placeholder, and `hours_set` is False (CT general rule 4).
    """
    path = await repository.path_of(work, node_id)
    hours = await repository.nearest_hours(work, path)
    overrides = {
        one.day: Override(unpack([one.shifts])[0], one.name)
        for one in await repository.nearest_overrides(work, path)
    }
    version = await repository.number_at(work, path)
    if hours is None:
        return Calendar(overrides=overrides, version=version)
    return Calendar(
        zone=zone_named(hours.time_zone),
        week=unpack(hours.week),
        observes_holidays=hours.observes_holidays,
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
