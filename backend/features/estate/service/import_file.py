"""An import from the command line: read, and written at once when that was asked and may be."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.models import Import
from backend.features.estate.repository import imports
from backend.features.estate.service.committing import write_report
from backend.features.estate.service.imports import shown_name
from backend.features.estate.service.reading import read_into_report
from backend.platform.process import Process

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row of the sheet; `code`, `column` and `params` fill its sentence."""

    row: int
    state: Literal["ok", "refused", "skipped"]
    column: str | None
    code: str | None
    params: Mapping[str, str]
    effect: Literal["new", "changed", "same"] | None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file.

    `refusal`: why the whole file is refused, code and parameters. `sums` counts `rows`, `ok`, `refused`, `skipped` and,
    of the good ones, `new`, `changed`, `same`. `written`: whether the good rows are in the estate now.
    """

    region: str | None
    project: str | None
    rows: tuple[RowReport, ...]
    sums: Mapping[str, int]
    refusal: tuple[str, Mapping[str, str]] | None
    written: bool


async def import_file(
    process: Process,
    path: Path,
    *,
    dry_run: bool,
    accept_good_rows: bool,
    region: str | None,
    project: str | None,
    on_progress: Callable[[int], None],
) -> ImportReport:
    """Read the workbook at `path`; unless `dry_run`, write it when every row is good or `accept_good_rows`.

    One transaction: a dry run, and a file that is not written, leave nothing behind. `on_progress` is told how many
    rows are read so far. Raises OSError when there is no such file.
    """
    now = process.clock.now()

    async def tell(rows: int) -> None:
        on_progress(rows)

    async with process.works.begin() as work:
        held = Import(
            id=new_id(),
            file_name=shown_name(path.name),
            file_digest=await asyncio.to_thread(_digest, path),
            region=region,
            project=project,
            accept_good_rows=accept_good_rows,
            state="reading",
            created_at=now,
        )
        work.add(held)
        await work.flush()
        await work.refresh(held)
        await read_into_report(work, process.sealer, held, path, now=now, on_progress=tell)
        if (
            held.state == "read"
            and not dry_run
            and held.sums["ok"]
            and (accept_good_rows or not held.sums["refused"])
        ):
            await write_report(process, work, held, now=now)
        report = await _report(work, held)
        if not report.written:
            await work.rollback()
    return report


async def _report(work: Work, held: Import) -> ImportReport:
    rows: list[RowReport] = []
    while page := await imports.rows_page(work, held.id, None, rows[-1].row if rows else 0, _PAGE):
        rows.extend(_rows(page))
    return ImportReport(
        region=held.region,
        project=held.project,
        rows=tuple(rows),
        sums=held.sums,
        refusal=(held.code, held.params) if held.code else None,
        written=held.state == "committed",
    )


def _rows(page: Any) -> Iterator[RowReport]:
    for row in page:
        yield RowReport(row.row, row.state, row.column, row.code, row.params, row.effect)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
