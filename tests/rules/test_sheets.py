"""Tables as CSV and as a workbook, read back by programs of others."""

import csv
import io
from decimal import Decimal

from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from backend.platform.sheets import Share, Table, as_csv, as_xlsx

TABLES = [
    Table(
        "热线 2026/Q4",
        ["类别", "件数", "及时率"],
        [
            ["工程质量", 12, Share(Decimal("99.9"))],
            ["=cmd|'/c calc'!A1", 0, None],
            ["<b>&\x07 两行\n字", Decimal("1.5"), Share(Decimal(100))],
        ],
    ),
    Table("热线 2026:Q4", ["a"], []),
    Table("", ["b"], [["+86"]]),
]


def test_a_workbook_is_read_by_others_with_its_numbers_and_shares_and_nothing_to_run() -> None:
    written = as_xlsx(TABLES)
    assert written == as_xlsx(TABLES)
    book = load_workbook(io.BytesIO(written))
    assert book.sheetnames == ["热线 2026 Q4", "热线 2026 Q4 2", "3"]
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows == [
        ["类别", "件数", "及时率"],
        ["工程质量", 12, 0.999],
        ["=cmd|'/c calc'!A1", 0, None],
        ["<b>& 两行\n字", 1.5, 1],
    ]
    assert sheet["A1"].font.b
    assert sheet["C2"].number_format == "0.0%"
    # Text, whatever it begins with: no formula.
    assert sheet["A3"].data_type == "s"
    assert CalamineWorkbook.from_filelike(io.BytesIO(written)).get_sheet_by_index(0).to_python()[1] == [
        "工程质量",
        12.0,
        0.999,
    ]


def test_csv_is_utf8_with_its_mark_and_runs_nothing_either() -> None:
    written = as_csv(TABLES)
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert rows == [
        ["热线 2026/Q4"],
        ["类别", "件数", "及时率"],
        ["工程质量", "12", "99.9%"],
        ["'=cmd|'/c calc'!A1", "0", ""],
        ["<b>&\x07 两行\n字", "1.5", "100%"],
        [],
        ["热线 2026:Q4"],
        ["a"],
        [],
        [""],
        ["b"],
        ["'+86"],
    ]
