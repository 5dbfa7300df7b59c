"""Reading a workbook into a report: every row judged by itself, by the sheet, and by what is on record."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from backend.core.clock import local_date
from backend.core.sealing import Sealer
from backend.db.work import Work
from backend.features.estate.models import Import
from backend.features.estate.repository import imports
from backend.features.estate.rules import name_key
from backend.features.estate.service.target import ImportRefused, Target, find_target
from backend.features.estate.service.weighing import Weighed, weigh_all
from backend.features.estate.workbook import (
    HomeRecord,
    JudgedRow,
    ProjectFacts,
    Workbook,
    WorkbookRefused,
    read_workbook,
)

BATCH: Final = 500
RECORD_PURPOSE: Final = "import_row.record"
record_json: Final = TypeAdapter(HomeRecord)

Progress = Callable[[int], Awaitable[None]]


async def read_into_report(
    work: Work, sealer: Sealer, held: Import, path: Path, *, now: datetime, on_progress: Progress
) -> None:
    """Judge every row of the file at `path` and write the report of `held`: its rows, its sums, or why it is refused.

    Nothing of the estate is written. `on_progress` is told after each batch how many rows are read.
    """
    try:
        read = await _read(work, sealer, held, path, local_date(now), on_progress)
    except (WorkbookRefused, ImportRefused) as refusal:
        await imports.drop_rows(work, held.id)
        held.state, held.code, held.params = "refused", refusal.code, dict(refusal.params)
    else:
        # Only now: written earlier, our lock on the row would keep `on_progress` waiting.
        held.state, held.progress, held.sums = "read", read.sums["rows"], read.sums
        held.region, held.project, held.project_id = (
            read.target.region,
            read.target.project,
            read.target.project_id,
        )
        held.facts = read.facts
    await work.flush()


@dataclass(frozen=True, slots=True)
class _Read:
    target: Target
    facts: dict[str, str | None]
    sums: dict[str, int]


async def _read(
    work: Work, sealer: Sealer, held: Import, path: Path, today: date, on_progress: Progress
) -> _Read:
    with await asyncio.to_thread(read_workbook, path, today=today) as workbook:
        target = await _target(work, held, workbook.project)
        sums = dict.fromkeys(("rows", "ok", "refused", "skipped", "new", "changed", "same"), 0)
        while batch := await asyncio.to_thread(_next, workbook):
            records = [row.record for row in batch if row.state == "ok" and row.record is not None]
            weighed = iter(await weigh_all(work, target.project_id, records, today=today))
            written = [
                _report(held.id, row, next(weighed) if row.state == "ok" else None, sealer) for row in batch
            ]
            await imports.add_rows(work, written)
            for row in written:
                sums["rows"] += 1
                sums[row["state"]] += 1
                if row["effect"]:
                    sums[row["effect"]] += 1
            await on_progress(sums["rows"])
        return _Read(target, _facts(workbook.project), sums)


def _next(workbook: Workbook) -> Sequence[JudgedRow]:
    return list(islice(workbook.rows, BATCH))


async def _target(work: Work, held: Import, facts: ProjectFacts) -> Target:
    if held.project and facts.name and name_key(held.project) != name_key(facts.name):
        raise ImportRefused("project_named_otherwise", asked=held.project, project=facts.name)
    return await find_target(work, held.region or facts.region, held.project or facts.name, held.scope)


def _facts(facts: ProjectFacts) -> dict[str, str | None]:
    return {
        "phase": facts.phase,
        "address": facts.address,
        "service_centre": facts.service_centre,
        "hotline": facts.hotline,
        "service_hours": facts.hours,
    }


def _report(import_id: UUID, row: JudgedRow, weighed: Weighed | None, sealer: Sealer) -> dict[str, Any]:
    written: dict[str, Any] = {
        "import_id": import_id,
        "row": row.row,
        "state": row.state,
        "column": row.column,
        "code": row.code,
        "params": dict(row.params),
        "notes": list(row.notes),
        "record_sealed": None,
        "effect": None,
    }
    if weighed is None:
        return written
    if weighed.verdict.code is not None:
        return written | {
            "state": "refused", "code": weighed.verdict.code, "params": dict(weighed.verdict.params)
        }  # fmt: skip
    sealed = sealer.seal(record_json.dump_json(weighed.record).decode(), purpose=RECORD_PURPOSE)
    return written | {"record_sealed": sealed, "effect": weighed.verdict.effect}


def opened(sealer: Sealer, sealed: bytes) -> HomeRecord:
    """The record that a row of a report holds."""
    return record_json.validate_json(sealer.open(sealed, purpose=RECORD_PURPOSE))


def packed(params: Any) -> str:
    """A refusal's parameters as JSON."""
    return json.dumps(dict(params), ensure_ascii=False)
