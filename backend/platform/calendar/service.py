"""Publishing a new version of a node's calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID

from backend.core.clock import SHANGHAI
from backend.core.errors import Invalid
from backend.db.work import Work
from backend.platform.calendar import repository
from backend.platform.calendar.days import FIRST_DAY, LAST_DAY, Override
from backend.platform.calendar.finding import calendar_of, zone_named
from backend.platform.calendar.hours import Week, pack, spell_shifts, spell_week, unpack
from backend.platform.calendar.models import CalendarHours, CalendarVersion
from backend.platform.calendar.moving import list_moves, standing
from backend.platform.calendar.running import ClockProviders
from backend.platform.calendar.spoken import read_hours


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours to be set: by the clocks of `time_zone`, an IANA name."""

    week: Week
    observes_holidays: bool = True
    time_zone: str = SHANGHAI.key


async def publish_hours(
    work: Work, clocks: ClockProviders, node_id: UUID, hours: Hours, *, reason: str, actor: UUID
) -> CalendarVersion:
    """Set a node's weekly hours as a new version. No promise moves by it: see `CalendarMove`.

    Raises:
        Invalid: `time_zone_unknown`, `time_zone_shifts`; `nothing_to_change`; `calendar_never_opens`, for a running
        clock.
    """
    zone_named(hours.time_zone)
    await repository.take_turns(work)
    own = await repository.hours_of(work, node_id)
    if own is not None and own.words is None and _same(own, hours):
        raise Invalid("nothing_to_change")
    before = await standing(work, clocks, node_id, None)
    version = await _new_version(work, node_id, "hours", {"hours": _told(hours)}, reason=reason, actor=actor)
    await repository.write_hours(work, _row(node_id, hours, version, None))
    await list_moves(work, version, before)
    return version


async def publish_overrides(
    work: Work,
    clocks: ClockProviders,
    node_id: UUID,
    days: Mapping[date, Override | None],
    *,
    reason: str,
    actor: UUID,
) -> CalendarVersion:
    """Set these days at a node as a new version, all or none; None takes a day's override back.

    Raises:
        Invalid: `calendar_too_far`; `nothing_to_change`; `calendar_never_opens`, for a running clock.
    """
    if not all(FIRST_DAY < day <= LAST_DAY for day in days):
        raise Invalid("calendar_too_far", field="days", first=str(FIRST_DAY), last=str(LAST_DAY))
    await repository.take_turns(work)
    own = await repository.overrides_of(work, node_id, list(days))
    present = {day: Override(unpack([one.shifts])[0], one.name) for day, one in own.items()}
    changed = {day: wanted for day, wanted in sorted(days.items()) if wanted != present.get(day)}
    if not changed:
        raise Invalid("nothing_to_change")
    told = [
        {"day": day.isoformat(), "name": one.name, "shifts": spell_shifts(one.shifts)}
        if one is not None
        else {"day": day.isoformat(), "name": None, "shifts": None}
        for day, one in changed.items()
    ]
    zone = (await calendar_of(work, node_id)).zone
    # A shift of the last day may run through the night.
    touched_until = datetime.combine(max(changed), time(), zone) + timedelta(days=2)
    before = await standing(work, clocks, node_id, touched_until)
    version = await _new_version(work, node_id, "overrides", {"days": told}, reason=reason, actor=actor)
    await repository.write_overrides(
        work,
        [
            {
                "node_id": node_id,
                "day": day,
                "shifts": pack((one.shifts,))[0],
                "name": one.name,
                "version": version.number,
            }
            for day, one in changed.items()
            if one is not None
        ],
    )
    await repository.drop_overrides(work, node_id, [day for day, one in changed.items() if one is None])
    await list_moves(work, version, before)
    return version


async def set_hours_from_words(
    work: Work, clocks: ClockProviders, node_id: UUID, words: str | None, *, actor: UUID | None
) -> None:
    """Let a node go by the hours that a fact of its project says, unless an administrator has set its hours.

    Words that cannot be read set none, and take back what earlier words had set.
    """
    spoken = read_hours(words) if words else None

    async def to_change() -> bool:
        own = await repository.hours_of(work, node_id)
        if own is None:
            return spoken is not None
        return own.words is not None and own.words != words

    if not await to_change():
        return
    await repository.take_turns(work)
    if not await to_change():
        return
    before = await standing(work, clocks, node_id, None)
    if spoken is None:
        change: dict[str, Any] = {"words": words, "hours": None}
        version = await _new_version(work, node_id, "words", change, reason=None, actor=actor)
        await repository.drop_hours(work, node_id)
    else:
        hours = Hours(spoken.week, spoken.observes_holidays)
        change = {"words": words, "hours": _told(hours)}
        version = await _new_version(work, node_id, "words", change, reason=None, actor=actor)
        await repository.write_hours(work, _row(node_id, hours, version, words))
    await list_moves(work, version, before)


async def _new_version(
    work: Work,
    node_id: UUID,
    act: Literal["hours", "words", "overrides"],
    change: dict[str, Any],
    *,
    reason: str | None,
    actor: UUID | None,
) -> CalendarVersion:
    version = CalendarVersion(
        number=await repository.last_number(work) + 1,
        node_id=node_id,
        act=act,
        change=change,
        reason=reason,
        published_by=actor,
    )
    work.add(version)
    await work.flush()
    return version


def _row(node_id: UUID, hours: Hours, version: CalendarVersion, words: str | None) -> dict[str, Any]:
    return {
        "node_id": node_id,
        "time_zone": hours.time_zone,
        "week": pack(hours.week),
        "observes_holidays": hours.observes_holidays,
        "words": words,
        "version": version.number,
    }


def _same(own: CalendarHours, hours: Hours) -> bool:
    return Hours(unpack(own.week), own.observes_holidays, own.time_zone) == hours


def _told(hours: Hours) -> dict[str, Any]:
    return {
        "time_zone": hours.time_zone,
        "week": spell_week(hours.week),
        "observes_holidays": hours.observes_holidays,
    }
