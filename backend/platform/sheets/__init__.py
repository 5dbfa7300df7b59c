"""Tables that leave the house: as CSV, and as a workbook of several sheets that a spreadsheet program opens."""

from backend.platform.sheets.comma import as_csv
from backend.platform.sheets.table import Cell, Share, Table
from backend.platform.sheets.workbook import as_xlsx

__all__ = ["Cell", "Share", "Table", "as_csv", "as_xlsx"]
