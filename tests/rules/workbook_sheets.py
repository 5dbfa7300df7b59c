"""Small workbooks for the tests of the import: good rows to spoil, and the files that hold them."""

# Chinese counts double in a line's length, and tables of it read better whole.
# ruff: noqa: E501

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook as Book

from backend.features.estate.workbook import JudgedRow, reading

TODAY = date(2026, 11, 22)
HEADER = [
    "楼栋", "单元", "房号", "户型", "建筑面积(㎡)", "装修标准", "业主姓名", "证件号码", "手机号码", "共有人", "共有人手机",
    "认购日期", "签约日期", "合同编号", "合同交付日期", "实际交付日期", "领钥匙日期", "入住日期", "通讯地址", "置业顾问",
    "客户专员", "备注",
]  # fmt: skip
SAMPLES = Path(__file__).parents[3] / "shared" / "data"


def home(number: int, **changed: Any) -> list[Any]:
    """A good row; `changed` by header (brackets left out)."""
    row = dict(
        zip(
            HEADER,
            [
                "1号楼", "1单元", f"{number // 4 + 1:02}{number % 4 + 1:02}", "A1 三室两厅", 89.5, "毛坯", "张三", None,
                f"138{number:08}", None, None, datetime(2024, 1, 5), datetime(2024, 1, 9), f"销2024第{number:05}号",
                datetime(2026, 9, 18), datetime(2026, 9, 18), datetime(2026, 9, 20), None, "上海市示例路1号", "赵六",
                "钱七", None,
            ],
            strict=True,
        )
    )  # fmt: skip
    for name, value in changed.items():
        row["建筑面积(㎡)" if name == "建筑面积" else name] = value
    return list(row.values())


def xlsx(folder: Path, *rows: list[Any], header: list[Any] | None = None, title: bool = True) -> Path:
    """A workbook with a ledger alone."""
    book = Book()
    sheet = book.active
    assert sheet is not None
    sheet.title = "业主台账"
    if title:
        sheet.append(["某某一期业主台账(截至2026年11月15日)"])
    sheet.append(HEADER if header is None else header)
    for row in rows:
        sheet.append(row)
    return saved(book, folder)


def saved(book: Book, folder: Path, name: str = "ledger.xlsx") -> Path:
    path = folder / name
    book.save(path)
    return path


def as_csv(folder: Path, rows: list[list[Any]], encoding: str, delimiter: str = ",") -> Path:
    """The rows as a spreadsheet program writes them to CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    for row in rows:
        writer.writerow([_typed(cell) for cell in row])
    path = folder / f"ledger-{encoding}.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def _typed(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d")
    return "" if cell is None else str(cell)


def read(path: Path, today: date = TODAY) -> list[JudgedRow]:
    """All rows, read in this process: what a process of its own adds is tested in test_workbook_process."""
    return list(reading.read(path, today)[2])


def answers(path: Path) -> list[tuple[str, str | None]]:
    return [(row.state, row.code) for row in read(path)]
