"""The ledger of a project, for those who manage it (WR-16, SN-54): page by page, and whole as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.locale import Locale, say
from backend.db.work import Work
from backend.features.estate.service import project_scope
from backend.features.standard.service import stored
from backend.features.warranty.repository import projects
from backend.features.warranty.repository.projects import Which
from backend.features.warranty.rules import State, Term, Why, below_the_law, state_on
from backend.features.warranty.service.covering import term_of
from backend.features.warranty.service.wording import Names

_BATCH: Final = 5_000
_COLUMNS: Final = (
    "building",
    "unit",
    "room",
    "component",
    "state",
    "starts_from",
    "starts_on",
    "base_ends_on",
    "extension_ends_on",
    "statutory_ends_on",
    "ends_on",
)
# What a spreadsheet would take for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A component of a home in the ledger: its row, its term and how that stands today."""

    row: Any
    term: Term
    names: Names
    state: State
    why: Why
    below_the_law: bool


async def ledger_page(
    work: Work,
    caller: Caller,
    now: datetime,
    project_id: UUID,
    which: Which,
    after: tuple[date | None, UUID] | None,
    limit: int,
) -> list[LedgerLine]:
    """A page of a project's ledger, what ends first coming first.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    scope = await project_scope(work, caller, now, project_id, "oversee")
    today = local_date(now)
    rows = await projects.page(work, project_id, scope, which, today, after, limit)
    return await _lines(work, rows, today)


async def ledger_as_csv(
    work: Work, caller: Caller, now: datetime, project_id: UUID, which: Which, locale: Locale
) -> bytes:
    """All of it as CSV, in UTF-8 with a mark that spreadsheets know it by.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    scope = await project_scope(work, caller, now, project_id, "oversee")
    today = local_date(now)
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow([say(locale, f"warranty.column_{name}") for name in _COLUMNS])
    after: tuple[date | None, UUID] | None = None
    while rows := await projects.page(work, project_id, scope, which, today, after, _BATCH):
        writer.writerows(_cells(line, locale) for line in await _lines(work, rows, today))
        after = (rows[-1].ends_on, rows[-1].id)
    return b"\xef\xbb\xbf" + told.getvalue().encode()


async def _lines(work: Work, rows: Sequence[Any], today: date) -> list[LedgerLine]:
    found = []
    for row in rows:
        document = (await stored(work, row.standard_version_id)).document
        term = term_of(row)
        state, why = state_on(term, today)
        names = Names.of(document, row.component, row.name)
        found.append(LedgerLine(row, term, names, state, why, below_the_law(term)))
    return found


def _cells(line: LedgerLine, locale: Locale) -> Iterable[str]:
    row, term = line.row, line.term
    days = (
        term.starts_on,
        term.base_ends_on,
        term.extension_ends_on,
        term.statutory_ends_on,
        term.ends_on,
    )
    cells = [
        row.building,
        row.unit,
        row.room,
        line.names.told(locale),
        say(locale, f"warranty.state_{line.state}"),
        say(locale, f"warranty.start_{term.starts_from}"),
        *(day.isoformat() if day is not None else "" for day in days),
    ]
    return (f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)
