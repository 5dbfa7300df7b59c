"""A CSV file as a table: UTF-8, GB18030 or UTF-16 with its mark; comma, tab or semicolon."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from .codes import WorkbookRefused
from .spreadsheet import MOST_COLUMNS, MOST_ROWS
from .table import Row, Table
from .text import is_error

_LONGEST_FIELD = 32_767
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_MARKUP = ("<!doctype html", "<html", "<table", "<?xml")


def read_delimited(path: Path) -> Table:
    """The whole file as one table named CSV. Raises WorkbookRefused."""
    text = _decoded(path.read_bytes())
    if text[:200].lstrip().lower().startswith(_MARKUP):
        raise WorkbookRefused("other_format")
    controls = sum(char < " " and char not in "\t\r\n\v\f" for char in text[:100_000])
    if controls * 50 > min(len(text), 100_000):
        raise WorkbookRefused("not_a_workbook")
    head = "".join(text[:20_000].splitlines(keepends=True)[:12])
    delimiter = max(",\t;", key=head.count)
    csv.field_size_limit(_LONGEST_FIELD)
    rows = _Rows(text, delimiter)
    formulas, errors = set(), set()
    for number, cells in rows():
        if number > MOST_ROWS:
            raise WorkbookRefused("too_many_rows", limit=f"{MOST_ROWS:,}", sheet="CSV")
        if len(cells) > MOST_COLUMNS:
            raise WorkbookRefused("too_wide", limit=str(MOST_COLUMNS), sheet="CSV")
        for column, cell in enumerate(cells, 1):
            if isinstance(cell, str) and cell.lstrip()[:1] in ("=", "@"):
                formulas.add((number, column))
            elif isinstance(cell, str) and is_error(cell):
                errors.add((number, column))
    return Table("CSV", rows, frozenset(formulas), frozenset(errors), from_csv=True)


class _Rows:
    def __init__(self, text: str, delimiter: str) -> None:
        self._text = text
        self._delimiter = delimiter

    def __call__(self) -> Iterator[Row]:
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self._delimiter)
        number = 0
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise WorkbookRefused("csv_field_too_long", row=str(number + 1)) from error
            if cells is None:
                return
            number += 1
            yield number, [cell or None for cell in cells]


def _decoded(content: bytes) -> str:
    for mark, encoding in _BOMS.items():
        if content.startswith(mark):
            return _strictly(content, encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(content, "gb18030")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise WorkbookRefused("csv_undecodable") from error
