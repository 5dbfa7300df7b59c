"""CSV as spreadsheet programs read it without being asked: UTF-8 with its mark, lines ended by CRLF (RFC 4180)."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from backend.platform.sheets.table import Cell, Share, Table

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What begins so a spreadsheet program would run, not show."""


def as_csv(tables: Iterable[Table]) -> bytes:
    """The tables one below the other, each under its name, an empty line between them."""
    written = io.StringIO(newline="")
    out = csv.writer(written)
    for place, table in enumerate(tables):
        if place:
            out.writerow([])
        out.writerow([_spelled(table.name)])
        out.writerow([_spelled(one) for one in table.head])
        out.writerows([_spelled(cell) for cell in row] for row in table.rows)
    return written.getvalue().encode("utf-8-sig")


def _spelled(cell: Cell) -> str:
    if isinstance(cell, Share):
        return f"{cell.percent}%"
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else str(cell)
