"""An .xlsx workbook as tables: checked by archive and markup, read by calamine."""

from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from .archive import Archive
from .codes import WorkbookRefused
from .markup import SheetEntry, SheetMarks, contents, marks
from .table import Row, Table
from .text import Cell

MOST_ROWS = 200_000
MOST_COLUMNS = 256
# calamine lays a sheet out in full, empty cells too.
_MOST_CELLS = 10_000_000


def read_spreadsheet(path: Path) -> list[Table]:
    """The visible worksheets. Raises WorkbookRefused."""
    archive = Archive(path)
    if "xl/workbook.xml" not in archive:
        other = "xl/workbook.bin" in archive or ("mimetype" in archive and "content.xml" in archive)
        raise WorkbookRefused("other_format" if other else "not_a_workbook")
    book = contents(archive)
    visible = [(sheet, _checked(archive, sheet)) for sheet in book.sheets if not sheet.hidden]
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        return [
            _table(workbook.get_sheet_by_name(sheet.name), found, mac_epoch=book.mac_epoch)
            for sheet, found in visible
        ]
    except (CalamineError, OSError, ValueError) as error:
        raise WorkbookRefused("damaged") from error
    except BaseException as error:
        # A panic of the Rust side is no Exception and has no importable type.
        if type(error).__name__ == "PanicException":
            raise WorkbookRefused("damaged") from error
        raise


def _checked(archive: Archive, sheet: SheetEntry) -> SheetMarks:
    found = marks(archive, sheet)
    if found.rows > MOST_ROWS:
        raise WorkbookRefused("too_many_rows", limit=f"{MOST_ROWS:,}", sheet=sheet.name)
    if found.columns > MOST_COLUMNS:
        raise WorkbookRefused("too_wide", limit=str(MOST_COLUMNS), sheet=sheet.name)
    if found.rows * found.columns > _MOST_CELLS:
        raise WorkbookRefused("too_complex")
    return found


def _table(sheet: CalamineSheet, found: SheetMarks, *, mac_epoch: bool) -> Table:
    left = sheet.start[1] if sheet.start else 0
    margin: list[Cell] = [None] * left

    def rows() -> Iterator[Row]:
        for number, cells in enumerate(sheet.iter_rows(), 1):
            yield number, margin + [None if cell == "" else cell for cell in cells]

    return Table(
        name=sheet.name,
        rows=rows,
        formulas=frozenset(found.formulas),
        errors=frozenset(found.errors),
        merged={
            (top + 1, start + 1): (bottom + 1, end + 1)
            for (top, start), (bottom, end) in sheet.merged_cell_ranges or []
        },
        mac_epoch=mac_epoch,
    )
