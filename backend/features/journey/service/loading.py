"""Milestones and journeys as the database gives them, in the terms of the rules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from backend.features.journey.rules.laying import Place, Planned
from backend.features.journey.rules.revising import Row
from backend.features.journey.rules.standing import Kept


def row_of(found: Any) -> Row:
    """A milestone."""
    return Row(
        id=found.id,
        planned=Planned(
            Place(found.obligation, found.occurrence),
            found.opens_at,
            found.due_on,
            found.due_at,
            found.ends_at,
            found.provisional,
        ),
        state=found.state,
        kept=Kept(found.first_due_on, found.promised_at, found.done_at),
        by_itself=found.state == "done" and found.done_by is None and not found.evidence,
        recorded_at=found.recorded_at,
    )


def rows_by_journey(found: Iterable[Any]) -> Mapping[UUID, dict[Place, Row]]:
    """Milestones by journey and place."""
    rows: dict[UUID, dict[Place, Row]] = defaultdict(dict)
    for one in found:
        row = row_of(one)
        rows[one.journey_id][row.planned.place] = row
    return rows


def known(dates: Mapping[str, date | None]) -> dict[str, date]:
    """The dates that are known."""
    return {name: day for name, day in dates.items() if day is not None}


def packed(dates: Mapping[str, date]) -> dict[str, str]:
    """Dates as a journey keeps them: ISO days by name."""
    return {name: day.isoformat() for name, day in dates.items()}


def unpacked(dates: Mapping[str, str]) -> dict[str, date]:
    """The dates a journey keeps."""
    return {name: date.fromisoformat(day) for name, day in dates.items()}
