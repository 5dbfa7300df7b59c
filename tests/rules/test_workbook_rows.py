"""Rows and sheets as people really write them, each spoiled in one way."""

# Chinese counts double in a line's length, and tables of it read better whole.
# ruff: noqa: E501

import random
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook as Book

from backend.features.estate.workbook import HomeRecord, JudgedRow, WorkbookRefused, read_workbook

from .workbook_sheets import HEADER, TODAY, answers, as_csv, home, read, saved, xlsx

GOOD_ID = "11010519491231002X"


def judged(folder: Path, **changed: Any) -> JudgedRow:
    """The answer for one spoiled row below two good ones."""
    return read(xlsx(folder, home(1), home(2), home(3, **changed)))[2]


REFUSED = [
    ("楼栋", None, "building_missing"),
    ("楼栋", "＄＄", "building_invalid"),
    ("楼栋", datetime(2026, 1, 1), "cell_is_date"),
    ("单元", None, "unit_missing"),
    ("房号", None, "room_missing"),
    ("房号", "-", "room_missing"),
    ("房号", 501.5, "room_invalid"),
    ("房号", "2号楼1单元0301", "home_conflict"),
    ("楼栋", "1号楼2单元", "home_conflict"),
    ("建筑面积", "约九十平", "area_text"),
    ("建筑面积", 0, "area_out_of_range"),
    ("建筑面积", -89.5, "area_out_of_range"),
    ("建筑面积", 1e9, "area_out_of_range"),
    ("业主姓名", None, "name_missing"),
    ("业主姓名", "暂无", "name_missing"),
    ("业主姓名", "13800138000", "name_invalid"),
    ("业主姓名", "张三丰 李四光", "name_ambiguous"),
    ("业主姓名", "张" * 65, "text_too_long"),
    ("证件号码", "110105194912310021", "id_checksum"),
    ("证件号码", 310101197602174435, "id_lost_digits"),
    ("证件号码", "3.10101E+17", "id_lost_digits"),
    ("证件号码", "3101****4435", "id_masked"),
    ("证件号码", "1101051949123", "id_length"),
    ("证件号码", "不详的证件", "id_invalid"),
    ("证件号码", f"{GOOD_ID}/{GOOD_ID}", "owners_ids_mismatch"),
    ("手机号码", None, "phone_missing"),
    ("手机号码", "133175537", "phone_short"),
    ("手机号码", "138001380001", "phone_long"),
    ("手机号码", "12345678901", "phone_invalid"),
    ("手机号码", "138****8000", "phone_masked"),
    ("手机号码", "021-51234567", "phone_not_mobile"),
    ("手机号码", "1.58E+10", "phone_lost_digits"),
    ("手机号码", "13311127076/13943683543", "owners_phones_mismatch"),
    ("共有人手机", "13943683543", "co_owner_name_missing"),
    ("签约日期", "2023年2月30日", "date_impossible"),
    ("签约日期", "24/1/9", "date_ambiguous"),
    ("签约日期", "03/04/2024", "date_ambiguous"),
    ("签约日期", "2024年1月", "date_incomplete"),
    ("签约日期", "年前", "date_unreadable"),
    ("签约日期", "1024-01-09", "date_out_of_range"),
    ("签约日期", datetime(2024, 1, 4), "signed_before_subscribed"),
    ("合同交付日期", datetime(2024, 1, 8), "due_before_signed"),
    ("实际交付日期", datetime(2023, 9, 18), "delivered_before_signed"),
    ("领钥匙日期", datetime(2026, 9, 17), "keys_before_delivered"),
    ("入住日期", datetime(2026, 9, 19), "moved_in_before_keys"),
    ("入住日期", datetime(2026, 12, 19), "date_in_future"),
    ("合同编号", "销2024第00001号", "contract_duplicate"),
    ("合同编号", "销" * 65, "text_too_long"),
    ("备注", "长" * 1001, "text_too_long"),
    ("业主姓名", "=1+1", "formula"),
]


@pytest.mark.parametrize(("column", "value", "code"), REFUSED)
def test_a_refused_cell_is_named(tmp_path: Path, column: str, value: Any, code: str) -> None:
    row = judged(tmp_path, **{column: value})
    title = "建筑面积(㎡)" if column == "建筑面积" else column
    assert (row.row, row.state, row.column, row.code, row.record) == (5, "refused", title, code, None)


OK = [
    ("楼栋", "1#", "building_key", "1", "building_variant"),
    ("楼栋", "1栋", "building", "1号楼", "building_variant"),
    ("楼栋", "01幢", "building_key", "1", "building_variant"),
    ("楼栋", "1座", "building_key", "1", "building_variant"),
    ("楼栋", "No.1", "building_key", "1", "building_variant"),
    ("楼栋", "一号楼", "building_key", "1", None),
    ("楼栋", "１号樓", "building_key", "1", None),
    ("楼栋", 1, "building_key", "1", "building_variant"),
    ("楼栋", "1#楼", "building", "1号楼", "building_variant"),
    ("单元", "一单元", "unit_key", "1", None),
    ("单元", 1, "unit", "1单元", None),
    ("单元", "甲单元", "unit_key", "甲", None),
    ("房号", 501, "room", "0501", "room_number_cell"),
    ("房号", "501室", "room", "0501", None),
    ("房号", "1-2-0301", "room_key", "301", None),
    ("房号", "1号楼1单元0301", "room_key", "301", None),
    ("房号", "B101", "room_key", "B101", None),
    ("房号", "501.0", "room", "0501", None),
    ("楼栋", "1号楼1单元", "building", "1号楼", None),
    ("楼栋", "一号楼 1单元", "building_key", "1", None),
    ("建筑面积", "89.5㎡", "area", "89.50", None),
    ("建筑面积", "１，０２０.５平米", "area", "1020.50", None),
    ("建筑面积", None, "area", "None", None),
    ("签约日期", "2024年1月22日", "signed_on", "2024-01-22", "date_text"),
    ("签约日期", "2024.1.22", "signed_on", "2024-01-22", "date_dots"),
    ("签约日期", "２０２４－０１－２２", "signed_on", "2024-01-22", None),
    ("签约日期", "2024-01-22 10:30:00", "signed_on", "2024-01-22", None),
    ("签约日期", 45313, "signed_on", "2024-01-22", "date_serial"),
    ("签约日期", "45313", "signed_on", "2024-01-22", "date_serial"),
    ("签约日期", "20240122", "signed_on", "2024-01-22", "date_text"),
    ("签约日期", "二〇二四年一月二十二日", "signed_on", "2024-01-22", "date_text"),
    ("签约日期", None, "signed_on", "None", None),
    ("实际交付日期", "未交付", "delivered_on", "None", None),
    ("合同编号", " 沪 2024 第9号\n", "contract_no", "沪2024第9号", None),
    ("备注", "无", "remark", "None", None),
]


@pytest.mark.parametrize(("column", "value", "field", "meant", "note"), OK)
def test_an_irregular_cell_is_read_as_meant(
    tmp_path: Path, column: str, value: Any, field: str, meant: str, note: str | None
) -> None:
    if (column, value) == ("房号", "1-2-0301"):
        row = judged(tmp_path, 房号=value, 单元="2单元")
    else:
        row = judged(tmp_path, **{column: value})
    assert (row.state, row.code) == ("ok", note), row.faults
    assert str(getattr(row.record, field)) == meant


OWNERS: list[tuple[Any, Any, Any, Any, list[tuple[str, str | None]]]] = [
    (" 滕\u3000宇\n", "13800138000", None, None, [("滕宇", "+8613800138000")]),
    (
        "张三、李四",
        "13800138000/13900139000",
        None,
        None,
        [("张三", "+8613800138000"), ("李四", "+8613900139000")],
    ),
    (
        "张三\n李四",
        "13800138000\n13900139000",
        None,
        None,
        [("张三", "+8613800138000"), ("李四", "+8613900139000")],
    ),
    (
        "张三 李四",
        "13800138000 13900139000",
        None,
        None,
        [("张三", "+8613800138000"), ("李四", "+8613900139000")],
    ),
    ("欧阳 娜娜", "13800138000", None, None, [("欧阳娜娜", "+8613800138000")]),
    ("李和平", "13800138000", None, None, [("李和平", "+8613800138000")]),
    ("张三丰和李四", "13800138000", None, None, [("张三丰", "+8613800138000"), ("李四", None)]),
    ("张三、李四", "13800138000", None, None, [("张三", "+8613800138000"), ("李四", None)]),
    ("张三(50%)、李四(50%)", "13800138000", None, None, [("张三", "+8613800138000"), ("李四", None)]),
    ("John  Smith", "+1 650 253 0000", None, None, [("John Smith", "+16502530000")]),
    ("买买提 · 阿不都", "13800138000", None, None, [("买买提·阿不都", "+8613800138000")]),
    ("Ｊｏｈｎ", "+852 6123 4567", None, None, [("John", "+85261234567")]),
    ("张三\u200b\u202e", "0086 138 0013 8000", None, None, [("张三", "+8613800138000")]),
    ("张三", "13800138000.0", None, None, [("张三", "+8613800138000")]),
    ("张三", 13800138000.0, "李四", None, [("张三", "+8613800138000"), ("李四", None)]),
    ("张三", "13800138000", "李四", "13800138000", [("张三", "+8613800138000"), ("李四", None)]),
    (
        "张三",
        "13800138000/13900139000",
        "李四",
        None,
        [("张三", "+8613800138000"), ("李四", "+8613900139000")],
    ),
    ("张三", "手机：138-0013-8000(本人)", None, None, [("张三", "+8613800138000")]),
]


@pytest.mark.parametrize(("name", "phone", "co_name", "co_phone", "owners"), OWNERS)
def test_owners_and_their_phones(
    tmp_path: Path, name: Any, phone: Any, co_name: Any, co_phone: Any, owners: list[tuple[str, str | None]]
) -> None:
    row = judged(tmp_path, 业主姓名=name, 手机号码=phone, 共有人=co_name, 共有人手机=co_phone)
    assert row.record is not None, row.faults
    assert [(owner.name, owner.phone) for owner in row.record.owners] == owners


def test_documents_of_other_kinds(tmp_path: Path) -> None:
    numbers = [
        "110105491231002",
        "H12345678",
        "E12345678",
        "A123456(7)",
        "91310000MA1FL4CR2X",
        "12345678",
        "11010519491231002x",
    ]
    rows = read(xlsx(tmp_path, *(home(n, 证件号码=number) for n, number in enumerate(numbers))))
    assert [row.record and row.record.owners[0].identity for row in rows] == [
        number.upper() for number in numbers
    ]


def test_rows_against_each_other(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path,
        home(1),
        home(1),
        home(1, 楼栋="1#", 房号=102),
        home(1, 业主姓名="李四", 手机号码="13900139000", 合同编号="销X"),
        home(1, 备注="改"),
        home(2, 手机号码="13800000001", 业主姓名="李四"),
        home(3, 手机号码="13800000001"),
        home(4, 房号=None, 手机号码=None),
    )
    rows = read(path)
    assert [row.code for row in rows] == [
        None, "duplicate_row", "duplicate_row", "home_sold_twice", "home_repeated", "phone_two_names", None,
        "room_missing",
    ]  # fmt: skip
    assert [row.params.get("other_row") for row in rows[1:6]] == ["3"] * 5
    assert [fault.code for fault in rows[7].faults] == ["room_missing", "phone_missing"]


def test_rows_that_are_no_homes(tmp_path: Path) -> None:
    blank: list[Any] = [None] * len(HEADER)
    path = xlsx(
        tmp_path,
        home(1),
        ["1号楼小计", None, "1户"],
        blank,
        HEADER,
        ["二单元业主"],
        home(2),
        ["合 计", None, None, None, 179.0],
        ["共2户"],
        ["制表人：赵六", None, None, "审核：钱七"],
        blank,
    )
    assert answers(path) == [
        ("ok", None),
        ("skipped", "total_row"),
        ("skipped", "header_row"),
        ("skipped", "note_row"),
        ("ok", None),
        ("skipped", "total_row"),
        ("skipped", "total_row"),
        ("skipped", "note_row"),
    ]


def test_merged_buildings_reach_down_and_mere_blanks_do_not(tmp_path: Path) -> None:
    book = Book()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    for row in (home(1), home(2, 楼栋=None, 单元=None), home(3), home(4, 楼栋=None)):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:B3")
    assert answers(saved(book, tmp_path)) == [("ok", None)] * 3 + [("refused", "building_missing")]


def test_a_formula_is_refused_by_row_and_only_where_it_is_read(tmp_path: Path) -> None:
    rows = [[1, *home(1)], ["=ROW()-1", *home(2)], [3, *home(3, 建筑面积="=80+9.5")]]
    path = xlsx(tmp_path, *rows, header=["序号", *HEADER])
    assert answers(path) == [("ok", None), ("ok", None), ("refused", "formula")]
    csv_rows = [HEADER, home(1), home(2, 业主姓名="=HYPERLINK(1)"), home(3, 手机号码="+86 13800138000")]
    assert answers(as_csv(tmp_path, csv_rows, "utf-8")) == [
        ("ok", None),
        ("refused", "formula"),
        ("ok", "phone_spaces"),
    ]


def test_an_error_cell_is_refused(tmp_path: Path) -> None:
    book = Book()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    sheet.append(home(1))
    sheet["E2"].value, sheet["E2"].data_type = "#REF!", "e"
    assert answers(saved(book, tmp_path)) == [("refused", "cell_error")]


def records(rows: list[JudgedRow]) -> list[HomeRecord | None]:
    return [row.record for row in rows]


@pytest.mark.parametrize("seed", range(4))
def test_columns_may_stand_in_any_order(tmp_path: Path, seed: int) -> None:
    rows = [home(1), home(2, 楼栋="1#"), home(3, 共有人="李四", 共有人手机="13900139000")]
    (tmp_path / "a").mkdir()
    straight = records(read(xlsx(tmp_path / "a", *rows)))
    order = list(range(len(HEADER)))
    random.Random(seed).shuffle(order)
    shuffled = xlsx(
        tmp_path,
        *([row[i] for i in order] for row in rows),
        header=[HEADER[i] for i in order],
        title=seed % 2 == 0,
    )
    assert records(read(shuffled)) == straight
    assert None not in straight


@pytest.mark.parametrize(
    "header",
    [
        ["栋号", "梯", "房间号", "房型", "面积（m2）", "交付标准", "买受人", "身份证号码", "联系电话",
        "共有产权人", "共有人联系电话",
         "认购时间", "合同签订日期", "合同号", "合同约定交付日期", "实际交付（收楼）日期", "交钥匙日期", "入伙日期", "联系地址",
         "销售顾问", "客户管家", "说明"],
        ["楼  号*", "单元\n号", "房\n号", "户型", "预测面积㎡", "装修情况", "客户姓名", "证件\n号码",
        "手机（必填）", "配偶姓名",
         "配偶手机", "认购日", "签约时间", "买卖合同编号", "合同交房日期", "交付日期", "领取钥匙时间", "入住时间", "地址", "置业顾问",
         "客服专员", "备注"],
        ["樓棟", "單元", "房號", "戶型", "建築面積", "裝修標準", "業主姓名", "證件號碼", "手機號碼", "共有人",
        "共有人手機", "認購日期",
         "簽約日期", "合同編號", "合同交付日期", "實際交付日期", "領鑰匙日期", "入住日期", "通訊地址", "置業顧問", "客戶專員", "備註"],
        ["Building No.", "Unit", "Room No.", "Layout", "Area (sqm)", "Fit-out", "Owner Name", "ID Number",
        "Mobile",
         "Co-owner", "Co-owner Mobile", "Subscribed on", "Signed on", "Contract No.", "Contract delivery date",
         "Actual delivery date", "Keys received", "Moved in", "Mailing address", "Consultant", "Specialist", "Remarks"],
    ],
)  # fmt: skip
def test_headers_in_other_words(tmp_path: Path, header: list[str]) -> None:
    rows = [
        home(1, 证件号码=GOOD_ID),
        home(3, 共有人="李四", 共有人手机="13900139000", 入住日期=datetime(2026, 10, 1)),
    ]
    (tmp_path / "a").mkdir()
    assert records(read(xlsx(tmp_path, *rows, header=header))) == records(read(xlsx(tmp_path / "a", *rows)))


def test_a_header_in_two_rows(tmp_path: Path) -> None:
    book = Book()
    sheet = book.active
    assert sheet is not None
    sheet.append(["楼栋", "单元", "房号", "业主", None, "共有人", None])
    sheet.append([None, None, None, "姓名", "手机", "姓名", "手机"])
    for merged in ("A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:G1"):
        sheet.merge_cells(merged)
    sheet.append(["1号楼", "1单元", "0101", "张三", "13800138000", "李四", "13900139000"])
    (row,) = read(saved(book, tmp_path))
    assert row.row == 3
    assert row.record is not None
    assert [owner.name for owner in row.record.owners] == ["张三", "李四"]


def test_homes_named_in_one_cell(tmp_path: Path) -> None:
    cells = ["1号楼1单元0101", "1-1-0102", "1#1单元103室", "2栋-101", "会所"]
    rows = [[cell, "张三", f"1380013800{n}"] for n, cell in enumerate(cells)]
    judged_rows = read(xlsx(tmp_path, *rows, header=["房号", "姓名", "电话"]))
    keys = [
        row.record and (row.record.building_key, row.record.unit_key, row.record.room_key)
        for row in judged_rows
    ]
    assert keys == [("1", "1", "101"), ("1", "1", "102"), ("1", "1", "103"), ("2", "", "101"), None]


def test_which_sheet_is_the_ledger(tmp_path: Path) -> None:
    book = Book()
    first = book.active
    assert first is not None
    first.append(["项目名称", "某某"])
    first.append(["批次", "二期"])
    for name in ("台账一", "台账二"):
        sheet = book.create_sheet(name)
        sheet.append(HEADER)
        sheet.append(home(1))
    with pytest.raises(WorkbookRefused) as refused:
        read(saved(book, tmp_path))
    assert (refused.value.code, refused.value.params) == ("ledger_ambiguous", {"sheets": "台账一、台账二"})
    book["台账二"].sheet_state = "hidden"
    with read_workbook(saved(book, tmp_path), today=TODAY) as workbook:
        assert (workbook.sheet, workbook.project.name, workbook.project.phase) == ("台账一", "某某", "二期")
        assert [row.state for row in workbook.rows] == ["ok"]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    header = ["某列" if title in ("房号", "手机号码") else title for title in HEADER]
    with pytest.raises(WorkbookRefused) as refused:
        read(xlsx(tmp_path, home(1), header=header))
    assert (refused.value.code, refused.value.params) == ("header_incomplete", {"columns": "房号、手机号码"})


def test_the_title_tells_what_is_past(tmp_path: Path) -> None:
    """A sheet drawn up after the server's today is not full of future dates."""
    assert {row.state for row in read(xlsx(tmp_path, home(1), home(2)), today=date(2025, 1, 1))} == {"ok"}
    rows = read(xlsx(tmp_path, home(1), home(2), title=False), today=date(2025, 1, 1))
    assert {row.code for row in rows} == {"date_in_future"}


def test_two_projects_in_one_sheet(tmp_path: Path) -> None:
    rows = [["甲苑", *home(1)], ["乙苑", *home(2)]]
    assert answers(xlsx(tmp_path, *rows, header=["项目", *HEADER])) == [
        ("ok", None),
        ("refused", "project_other"),
    ]
