"""The ledger follows homes: it is laid out with their first journey, moves with its dates, and outlives its owners.

Everything here can be done again: what is as it should be stays untouched. The homes are locked before their dates are
read, so of two who follow the same home the later one always sees the newer dates.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final
from uuid import UUID

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.standard.service import stored
from backend.features.warranty.repository import ledger, notices, statutory
from backend.features.warranty.rules import START_DATES, Statutory, Term, begins_as, terms
from backend.features.warranty.rules import notices as notices_of
from backend.platform.calendar import calendar_of
from backend.platform.outbox import Waker, enqueue
from backend.platform.timers import NewTimer, cancel, schedule_many

NOTICE: Final = "warranty_notice"
"""The timer at which a household is told; its key is the notice."""

FOLLOW_HOMES: Final = "follow_warranty"
"""The job that brings the ledger of homes up to date."""

_BATCH: Final = 500


async def follow_ownerships(work: Work, waker: Waker, now: datetime, ownership_ids: Sequence[UUID]) -> None:
    """Bring the ledger of the homes of these ownerships up to date."""
    await follow_homes(work, waker, now, await ledger.homes_of(work, ownership_ids))


async def follow_all_below(work: Work, waker: Waker, node_id: UUID) -> None:
    """Have every home at or below a node looked at again, a batch a job."""
    homes = await ledger.homes_below(work, node_id)
    for start in range(0, len(homes), _BATCH):
        batch = [str(one) for one in homes[start : start + _BATCH]]
        await enqueue(work, waker, FOLLOW_HOMES, {"home_ids": batch})


async def follow_homes(work: Work, waker: Waker, now: datetime, home_ids: Sequence[UUID]) -> None:
    """Lay out and move the terms of these homes, and what their households are to be told of them."""
    homes = await ledger.lock_homes(work, home_ids)
    least = await _least(work, {home.building_id for home in homes})
    zones = {one: (await calendar_of(work, one)).zone for one in sorted({home.project_id for home in homes})}
    rows: list[dict[str, Any]] = []
    wanted: list[dict[str, Any]] = []
    for home in homes:
        version_id = home.kept_version_id or home.first_version_id
        if version_id is None:
            continue
        catalogue = (await stored(work, version_id)).document.warranty
        found = terms(catalogue, {name: getattr(home, name) for name in START_DATES}, least[home.building_id])
        rows += [_row(home, version_id, term) for term in found]
        if home.ownership_id is not None:
            today = now.astimezone(zones[home.project_id]).date()
            wanted += [
                {
                    "id": new_id(),
                    "ownership_id": home.ownership_id,
                    "kind": notice.kind,
                    "ends_on": notice.ends_on,
                    "due_on": notice.due_on,
                    "state": begins_as(notice, today),
                }
                for notice in notices_of(found)
            ]
    await ledger.write(work, home_ids, rows)
    dropped = await notices.plan(work, home_ids, wanted)
    if dropped:
        await cancel(work, NOTICE, [str(one) for one in dropped])
    timers = [
        NewTimer(
            NOTICE,
            str(one.id),
            datetime.combine(one.due_on, time(), zones[one.project_id]).astimezone(UTC),
            {},
        )
        for one in await notices.planned(work, home_ids)
    ]
    await schedule_many(work, waker, timers)


async def _least(work: Work, building_ids: set[UUID]) -> Mapping[UUID, list[Statutory]]:
    found: dict[UUID, list[Statutory]] = defaultdict(list)
    for row in await statutory.terms_at(work, sorted(building_ids)):
        if row.years is not None:
            found[row.place_id].append(Statutory(row.component, row.name, row.years))
    return found


def _row(home: Any, version_id: UUID, term: Term) -> dict[str, Any]:
    return {
        "id": new_id(),
        "home_id": home.id,
        "project_id": home.project_id,
        "standard_version_id": version_id,
        "component": term.component,
    } | {name: getattr(term, name) for name in ledger.TERM}
