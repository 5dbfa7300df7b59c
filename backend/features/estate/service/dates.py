"""Dates as those who follow the estate read them, and one date of many homes moved at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.core.clock import local_date
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.repository import dates, placing
from backend.features.estate.rules import DATES, HANDED_OVER, date_faults


@dataclass(frozen=True, slots=True)
class DatedOwnership:
    """An ownership's dates by name, and where its home is. `ended_on`: it is no longer the home's ownership.

    `of_home`: the days its home was first handed over, its keys given, moved into, under whichever contract that was.
    """

    id: UUID
    project_id: UUID
    building_id: UUID
    dates: Mapping[str, date | None]
    ended_on: date | None
    of_home: Mapping[str, date | None]


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a batch: the ownerships whose date moved, those it left as it was, those it could not move.

    `last` is the last ownership of the batch, None when there was none left.
    """

    moved: tuple[UUID, ...]
    same: int
    skipped: tuple["Skipped", ...]
    last: UUID | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """An ownership whose date cannot move. `code`: `already_delivered`, or that of a date out of order."""

    ownership_id: UUID
    home: str
    code: str


async def dates_of_ownerships(work: Work, ownership_ids: Sequence[UUID]) -> list[DatedOwnership]:
    """These ownerships, in the order of ids."""
    return [
        DatedOwnership(
            row.id,
            row.project_id,
            row.building_id,
            {name: getattr(row, name) for name in DATES},
            row.ended_on,
            {name: getattr(row, f"first_{name}") for name in HANDED_OVER},
        )
        for row in await dates.dates_of(work, ownership_ids)
    ]


async def current_ownerships(work: Work, project_id: UUID) -> list[UUID]:
    """The ownerships of a project that have not ended."""
    return await dates.current_of(work, project_id)


async def project_dates(work: Work, project_id: UUID) -> Mapping[str, date | None]:
    """A project's dates by name: those it has set, and those that follow from its ownerships."""
    return await dates.project_dates(work, project_id)


async def count_dated(work: Work, project_id: UUID, building_id: UUID | None, name: str) -> int:
    """How many current ownerships of a project, or of one building of it, have the date `name`."""
    return await dates.count_dated(work, project_id, building_id, name)


async def move_date(
    work: Work,
    now: datetime,
    *,
    project_id: UUID,
    building_id: UUID | None,
    name: str,
    move: Callable[[date], date],
    after: UUID | None,
    limit: int,
    actor_id: UUID,
    reason: str,
) -> Moved:
    """Move one date of the next `limit` current ownerships after `after`, each with its audit line.

    Whose new date cannot be stays as it is and is named. The delivery of a home that was handed over is not put off.
    Nobody is told: whoever moves dates in bulk follows them himself.
    """
    found = await dates.dated(work, project_id, building_id, name, after, limit)
    wanted: dict[UUID, date] = {}
    skipped: list[Skipped] = []
    lines = []
    for row in found:
        present: date = getattr(row, name)
        day = move(present)
        if day == present:
            continue
        if code := _refusal(row, name, day, now):
            place = " ".join(part for part in (row.building, row.unit, row.room) if part)
            skipped.append(Skipped(row.id, place, code))
            continue
        wanted[row.id] = day
        lines.append(
            {
                "id": new_id(),
                "ownership_id": row.id,
                "actor_id": actor_id,
                "act": "edited",
                "before": {name: present.isoformat()},
                "after": {name: day.isoformat()},
                "reason": reason,
                "at": now,
            }
        )
    if wanted:
        await dates.set_date(work, name, wanted)
        await placing.add_changes(work, lines)
    same = len(found) - len(wanted) - len(skipped)
    return Moved(tuple(wanted), same, tuple(skipped), found[-1].id if found else None)


def _refusal(row: object, name: str, day: date, now: datetime) -> str | None:
    present = {field: getattr(row, field) for field in DATES}
    if name == "delivery_due_on" and present["delivered_on"] is not None:
        return "already_delivered"
    faults = date_faults({**present, name: day}, today=local_date(now))
    return faults[0].code if faults else None
