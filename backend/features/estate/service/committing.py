"""Writing a read report into the estate: in one transaction, in turn with other imports of the project, in bulk."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.core.clock import local_date
from backend.core.ids import new_id
from backend.core.sealing import Sealer
from backend.db.work import Work
from backend.features.estate.models import Import
from backend.features.estate.repository import imports, placing
from backend.features.estate.rules import DATES, HOME_FACTS, OWNERSHIP_FACTS
from backend.features.estate.service.ownerships import told
from backend.features.estate.service.reading import opened, packed
from backend.features.estate.service.target import find_target, make_target
from backend.features.estate.service.telling import tell_ownerships_changed
from backend.features.estate.service.weighing import Weighed, weigh_all
from backend.features.people.service import Person, admit_many
from backend.platform.calendar import set_hours_from_words
from backend.platform.process import Process
from backend.platform.tree import Node, add_node

_BATCH = 1000


async def write_report(process: Process, work: Work, held: Import, *, now: datetime) -> None:
    """Write the good rows of a report. Written again, or after another import of the same homes, it changes nothing.

    Every row is weighed anew against what is on record now. Should one no longer be good, and should only the whole be
    written, nothing is: the import is back at `read`, with that row refused.
    """
    target = await find_target(work, held.region, held.project, None)
    await imports.take_turns(work, target.turn)
    refusals: dict[int, tuple[str, str]] = {}
    effects: dict[int, str] = {}
    savepoint = await work.begin_nested()
    project = await make_target(work, target)
    await placing.write_project(work, project, held.facts)
    writer = _Writer(work, process.sealer, held, project, now)
    last = 0
    while rows := await imports.good_rows(work, held.id, last, _BATCH):
        last = rows[-1].row
        records = [opened(process.sealer, row.record_sealed) for row in rows]
        weighed = await weigh_all(work, project.id, records, today=local_date(now), lock=True)
        for row, one in zip(rows, weighed, strict=True):
            if one.verdict.code is not None:
                refusals[row.row] = (one.verdict.code, packed(one.verdict.params))
            elif one.verdict.effect is not None and one.verdict.effect != row.effect:
                effects[row.row] = one.verdict.effect
        if held.accept_good_rows or not refusals:
            await writer.write([one for one in weighed if one.verdict.code is None])
    sums = {**held.sums, **writer.sums}
    if refusals and not held.accept_good_rows:
        await savepoint.rollback()
        await work.refresh(held)
        sums = dict(held.sums)
        held.state = "read"
    else:
        await savepoint.commit()
        await imports.set_effects(work, held.id, effects)
        held.state, held.committed_at, held.project_id = "committed", now, project.id
        await tell_ownerships_changed(
            work, process.waker, writer.changed, actor_id=held.account_id, reason=None, cause="imported"
        )
    await imports.refuse_rows(work, held.id, refusals)
    sums["ok"], sums["refused"] = sums["ok"] - len(refusals), sums["refused"] + len(refusals)
    held.sums = sums
    if held.state == "committed":
        await imports.forget_records(work, held.id)
        # Last, because whoever else publishes a calendar waits from here until this transaction ends.
        words = await placing.service_hours(work, project.id)
        await set_hours_from_words(work, process.clocks, project.id, words, actor=held.account_id)
    await work.flush()


class _Writer:
    """Writes weighed homes of one import, batch by batch, and counts what they did.

    `changed` are the ownerships that have begun or have other dates.
    """

    def __init__(self, work: Work, sealer: Sealer, held: Import, project: Node, now: datetime) -> None:
        self._work, self._sealer, self._held, self._project, self._now = work, sealer, held, project, now
        self._today = local_date(now)
        self._buildings: dict[str, UUID] | None = None
        self.sums = {"new": 0, "changed": 0, "same": 0}
        self.changed: list[UUID] = []

    async def write(self, weighed: Sequence[Weighed]) -> None:
        """Write one batch."""
        homes: list[dict[str, Any]] = []
        ownerships: list[dict[str, Any]] = []
        changed_homes: list[dict[str, Any]] = []
        changed_ownerships: list[dict[str, Any]] = []
        changes: list[dict[str, Any]] = []
        households: list[tuple[UUID, list[Person]]] = []
        for one in weighed:
            verdict, home_id, ownership_id = one.verdict, one.home_id, one.ownership_id
            assert verdict.effect is not None
            self.sums[verdict.effect] += 1
            if home_id is None:
                home_id = new_id()
                homes.append(await self._home(one, home_id))
            elif not verdict.after.keys().isdisjoint(HOME_FACTS):
                changed_homes.append({"id": home_id, **_merged(one, HOME_FACTS)})
            if ownership_id is None:
                ownership_id = new_id()
                ownerships.append(self._ownership(one, ownership_id, home_id))
            elif not verdict.after.keys().isdisjoint(OWNERSHIP_FACTS):
                changed_ownerships.append({"id": ownership_id, **_merged(one, OWNERSHIP_FACTS)})
            if verdict.after:
                changes.append(self._change(one, ownership_id))
            if one.ownership_id is None or not verdict.after.keys().isdisjoint(DATES):
                self.changed.append(ownership_id)
            households.append(
                (ownership_id, [Person(o.name, o.phone, o.identity) for o in one.record.owners])
            )
        await placing.add_homes(self._work, homes)
        await placing.set_homes(self._work, changed_homes)
        await placing.add_ownerships(self._work, ownerships)
        await placing.set_ownerships(self._work, changed_ownerships)
        await placing.add_changes(self._work, changes)
        await admit_many(self._work, self._sealer, households, now=self._now)

    async def _home(self, one: Weighed, home_id: UUID) -> dict[str, Any]:
        record = one.record
        return {
            "id": home_id,
            "project_id": self._project.id,
            "building_id": await self._building(record.building_key, record.building),
            "sort_key": one.sort_key,
            **{
                name: getattr(record, name)
                for name in ("building", "building_key", "unit", "unit_key", "room", "room_key", *HOME_FACTS)
            },
        }

    async def _building(self, key: str, name: str) -> UUID:
        if self._buildings is None:
            self._buildings = await placing.buildings_of(self._work, self._project.id)
        if key not in self._buildings:
            self._buildings[key] = (
                await add_node(self._work, self._project, "building", name=name, key=key)
            ).id
        return self._buildings[key]

    def _ownership(self, one: Weighed, ownership_id: UUID, home_id: UUID) -> dict[str, Any]:
        return {
            "id": ownership_id,
            "home_id": home_id,
            "project_id": self._project.id,
            "current_from": self._began(one),
            **{name: getattr(one.record, name) for name in OWNERSHIP_FACTS},
        }

    def _began(self, one: Weighed) -> date:
        """From its first date on, yet not before the home's last ownership had ended."""
        first = min(one.record.subscribed_on or one.record.signed_on or self._today, self._today)
        return max(first, one.free_from) if one.free_from else first

    def _change(self, one: Weighed, ownership_id: UUID) -> dict[str, Any]:
        return {
            "id": new_id(),
            "ownership_id": ownership_id,
            "actor_id": self._held.account_id,
            "act": "imported",
            "before": told(one.verdict.before),
            "after": told(one.verdict.after),
            "import_id": self._held.id,
            "at": self._now,
        }


def _merged(one: Weighed, names: Sequence[str]) -> dict[str, Any]:
    """What is on record, with what the row says over it."""
    assert one.on_record is not None
    on_record = {**one.on_record.home, **one.on_record.ownership}
    return {name: one.verdict.after.get(name, on_record[name]) for name in names}
