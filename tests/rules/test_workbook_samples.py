"""The sales department's own workbooks, row by row."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from backend.features.estate.workbook import JudgedRow, read_workbook

from .workbook_sheets import SAMPLES, TODAY, as_csv, read

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample workbooks are not here")
STATES = {"ok": "ok", "refuse": "refused", "skip": "skipped"}


@pytest.fixture(scope="module")
def huaerzi() -> list[JudgedRow]:
    return read(SAMPLES / "huaerzi-as-exported.xlsx")


def test_the_dirty_workbook_is_answered_as_a_person_would(huaerzi: list[JudgedRow]) -> None:
    expected = json.loads((SAMPLES / "huaerzi-as-exported.expected.json").read_text(encoding="utf-8"))
    irregular = {row["row"]: (STATES[row["import"]], row["code"]) for row in expected["rows"]}
    wrong = {
        row.row: (row.state, row.code)
        for row in huaerzi
        if (row.state, row.code) != irregular.get(row.row, ("ok", None))
    }
    assert wrong == {}
    # Row 203 is blank.
    assert [row.row for row in huaerzi] == [number for number in range(3, 407) if number != 203]
    refused = sum(state == "refused" for state, _ in irregular.values())
    # 400 homes, and two more rows that come a second time.
    assert Counter(row.state for row in huaerzi) == {"ok": 402 - refused, "refused": refused, "skipped": 1}


def test_irregular_cells_are_read_as_meant(huaerzi: list[JudgedRow]) -> None:
    by_row = {row.row: row for row in huaerzi}

    def record(number: int) -> Any:
        found = by_row[number].record
        assert found is not None
        return found

    assert [(owner.name, owner.phone) for owner in record(8).owners] == [
        ("苏成", "+8613311127076"),
        ("孙建华", "+8613943683543"),
        ("刘婷婷", "+8613356763045"),
    ]
    assert record(54).building == "1号楼"
    assert record(74).owners[0].name == "滕宇"
    assert record(115).owners[0].name == "杨楠"
    assert record(85).signed_on.isoformat() == "2025-04-22"
    assert record(174).signed_on.isoformat() == "2025-04-24"
    assert (record(212).room, record(212).room_key) == ("0501", "501")
    assert record(193).owners[0].phone == "+8615885977391"
    assert record(222).owners[0].phone == "+8618801111796"
    assert record(342).owners[0].phone == "+8613338685597"


@pytest.mark.parametrize(("name", "homes"), [("langrunyuan", 1180), ("jiarifengjing", 620)])
def test_clean_workbooks_have_no_irregular_row(name: str, homes: int) -> None:
    with read_workbook(SAMPLES / f"{name}.xlsx", today=TODAY) as workbook:
        assert workbook.project.name in ("朗润园", "假日风景")
        assert workbook.project.region == "上海"
        assert workbook.project.hotline is None
        rows = list(workbook.rows)
    assert Counter((row.state, row.code) for row in rows) == {("ok", None): homes}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_says_the_same(encoding: str, huaerzi: list[JudgedRow], tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(SAMPLES / "huaerzi-as-exported.xlsx")["业主台账"]
    path = as_csv(tmp_path, [list(row) for row in sheet.iter_rows(values_only=True)], encoding)
    rows = read(path)
    assert [(row.row, row.state, row.column, row.record) for row in rows] == [
        (row.row, row.state, row.column, row.record) for row in huaerzi
    ]
    refused = [(row.row, row.code) for row in huaerzi if row.state == "refused"]
    assert [(row.row, row.code) for row in rows if row.state == "refused"] == refused
